// What every page needs: htmx, the theme switch, and charts where a page has some.

import htmx from "htmx.org/dist/htmx.esm.js";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

const drawCharts = async () => {
  if (!document.querySelector("[data-chart]")) return;
  const { draw } = await import("./charts.js");
  draw();
};

const theme = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");

const switchTheme = () => {
  root.dataset.theme = theme() === "dark" ? "light" : "dark";
  drawCharts();
  localStorage.setItem("theme", root.dataset.theme);
};

document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("[data-theme-switch]")) switchTheme();
});
dark.addEventListener("change", drawCharts);

// A new page was swapped in: the reader of a screen is told by the focus, and the charts are drawn.
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.elt.id === "main" && !detail.elt.contains(document.activeElement)) detail.elt.focus({ preventScroll: true });
  drawCharts();
});

// An error page is a page too: show it rather than nothing.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status >= 400 && detail.xhr.responseText.includes('id="main"')) detail.shouldSwap = true;
});

htmx.config.historyRestoreAsHxRequest = false;
drawCharts();
