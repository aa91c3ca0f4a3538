// Draws each figure from the table of figures that stands below it: one source for what is seen and what is read.
// <figure data-chart="stack|lines"> holds a .plot and a table: column heads are the series, row heads the categories,
// data-v the numbers.

import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([AriaComponent, BarChart, GridComponent, LineChart, SVGRenderer, TooltipComponent]);

const drawn = new Map();

const read = (figure) => {
  const table = figure.querySelector("table");
  const names = [...table.tHead.rows[0].cells].slice(1).filter((cell) => !("total" in cell.dataset));
  const rows = [...table.tBodies[0].rows];
  return {
    currency: table.dataset.currency,
    categories: rows.map((row) => row.cells[0].textContent.trim()),
    series: names.map((cell) => ({
      name: cell.textContent.trim(),
      line: "line" in cell.dataset,
      colour: cell.dataset.colour,
      values: rows.map((row) => {
        const { v } = row.cells[cell.cellIndex].dataset;
        return v === undefined || v === "" ? null : Number(v);
      }),
    })),
  };
};

const compact = (currency) =>
  new Intl.NumberFormat("en-US", { style: "currency", currency, notation: "compact", maximumFractionDigits: 1 });
const whole = (currency) => new Intl.NumberFormat("en-US", { style: "currency", currency, maximumFractionDigits: 0 });

const element = (tag, name, ...children) => {
  const node = document.createElement(tag);
  node.className = name;
  node.append(...children);
  return node;
};

// The tooltip is built of elements: the policy allows no style in markup, and names are text, never markup.
const tooltip = (format, stacked) => (points) => {
  const shown = points.filter(({ value }) => value !== null && value !== undefined && value !== 0);
  const lines = shown.reverse().map((point) => {
    const key = element("i", "key");
    key.style.background = point.color;
    return element("p", "", key, element("span", "", point.seriesName), element("b", "", format.format(point.value)));
  });
  const total = shown.filter(({ seriesType }) => seriesType === "bar").reduce((sum, { value }) => sum + value, 0);
  const foot = stacked && shown.length > 1 ? [element("p", "total", element("span", "", "Total"), element("b", "", format.format(total)))] : [];
  return element("div", "tip", element("h4", "", points[0].name), ...lines, ...foot);
};

const options = (figure, colour) => {
  const { currency, categories, series } = read(figure);
  const stacked = figure.dataset.chart === "stack";
  const short = compact(currency);
  const axisLabel = { color: colour("--muted"), fontSize: 11 };
  return {
    aria: { enabled: true, label: { description: figure.dataset.label } },
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 8, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: colour("--raised"),
      borderColor: colour("--line"),
      padding: [8, 10],
      axisPointer: { type: "shadow", shadowStyle: { color: colour("--hover") } },
      formatter: tooltip(whole(currency), stacked),
    },
    xAxis: {
      type: "category",
      data: categories,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("--line") } },
      axisLabel: { ...axisLabel, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      splitLine: { lineStyle: { color: colour("--line") } },
      axisLabel: { ...axisLabel, formatter: (value) => short.format(value) },
    },
    series: series.map(({ name, line, colour: own, values }) => ({
      name,
      type: line ? "line" : "bar",
      stack: stacked && !line ? "all" : undefined,
      barMaxWidth: 36,
      symbol: "none",
      lineStyle: { width: 2, type: "dashed" },
      color: colour(`--${own}`),
      data: values,
    })),
  };
};

// A custom property holds its text, `light-dark(…)`; only a used colour is resolved.
const resolver = () => {
  const probe = document.body.appendChild(document.createElement("i"));
  return {
    colour(name) {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    },
    end: () => probe.remove(),
  };
};

export const draw = () => {
  for (const [plot, chart] of drawn) {
    chart.dispose();
    drawn.delete(plot);
  }
  const colours = resolver();
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const plot = figure.querySelector(".plot");
    const chart = echarts.init(plot, null, { renderer: "svg" });
    chart.setOption(options(figure, colours.colour));
    drawn.set(plot, chart);
  }
  colours.end();
};

addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
