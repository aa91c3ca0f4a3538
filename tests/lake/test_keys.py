"""Whatever way a bill writes an id, it has a key in common with what the state says of it; another thing has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infragod.lake.engine import Engine
from infragod.lake.join import sql
from infragod.terraform import state_ids

NAME = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)
HEX = st.text("0123456789abcdef", min_size=17, max_size=17)
REGION = st.sampled_from(["us-east-1", "eu-west-1", "us-gov-west-1", "cn-north-1"])
ACCOUNT = st.from_regex(r"[0-9]{12}", fullmatch=True)
PARTITION = st.sampled_from(["aws", "aws-us-gov", "aws-cn"])
END = st.sampled_from(["", "/", "//"])


@dataclass(frozen=True)
class Thing:
    """A resource: the ids that its state holds, and the ways in which a bill writes its id."""

    held: tuple[str, ...]
    billed: tuple[str, ...]


@st.composite
def amazon(draw: st.DrawFn) -> Thing:
    """Something whose id AWS made."""
    prefix, kind = draw(
        st.sampled_from(
            [
                ("i", "instance"),
                ("vol", "volume"),
                ("nat", "natgateway"),
                ("snap", "snapshot"),
                ("eipalloc", "elastic-ip"),
            ]
        )
    )
    own = f"{prefix}-{draw(HEX)}"
    arn = f"arn:{draw(PARTITION)}:ec2:{draw(REGION)}:{draw(ACCOUNT)}:{kind}/{own}"
    held = draw(st.sampled_from([(own,), (arn,), (own, arn)]))
    return Thing(held, (own, arn, arn + draw(END)))


@st.composite
def named(draw: st.DrawFn) -> Thing:
    """Something of AWS whose ARN ends in a name."""
    form = draw(st.sampled_from(["rds:{r}:{a}:db:{n}", "lambda:{r}:{a}:function:{n}", "logs:{r}:{a}:log-group:/{n}/x"]))
    arn = f"arn:{draw(PARTITION)}:" + form.format(r=draw(REGION), a=draw(ACCOUNT), n=draw(NAME))
    held = arn + ":*" if "log-group" in form and draw(st.booleans()) else arn
    return Thing((held,), (arn, arn + ":*") if "log-group" in form else (arn,))


@st.composite
def bucket(draw: st.DrawFn) -> Thing:
    """A bucket of either cloud."""
    name = "b" + draw(NAME) + "0"
    if draw(st.booleans()):
        return Thing((name, f"arn:aws:s3:::{name}"), (name, f"arn:aws:s3:::{name}"))
    link = f"https://www.googleapis.com/storage/v1/b/{name}"
    return Thing(
        (link,), (link, f"//storage.googleapis.com/{name}", f"//storage.googleapis.com/projects/_/buckets/{name}")
    )


@st.composite
def google(draw: st.DrawFn) -> Thing:
    """Something of Google's with a place."""
    place = draw(st.sampled_from(["zones/europe-west1-b", "regions/us-central1", "locations/us-central1", "global"]))
    kind = draw(st.sampled_from(["instances", "disks", "clusters", "forwardingRules", "services"]))
    host = draw(st.sampled_from(["compute", "container", "run", "sqladmin"]))
    version = draw(st.sampled_from(["compute/v1", "v1", "compute/beta", "sql/v1beta4"]))
    path = f"projects/{draw(NAME)}/{place}/{kind}/{draw(NAME)}"
    other = path.replace("/regions/", "/locations/").replace("/zones/", "/locations/")
    link = f"https://{draw(st.sampled_from(['www', host]))}.googleapis.com/{version}/{path}"
    full = f"//{host}.googleapis.com/"
    held = draw(st.sampled_from([(path,), (link,), (path, link)]))
    return Thing(held, (path, link, full + path, full + other, full + path + draw(END), other))


THING = st.one_of(amazon(), named(), bucket(), google())


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.files(threads=1) as made:
        made.run(sql("keys"))
        yield made


def keys(engine: Engine, table: str, ids: tuple[str, ...]) -> set[tuple[int, str]]:
    engine.load(table, {"id": "VARCHAR"}, {"id": list(ids)})
    return {(kind, key) for kind, key in engine.run(f"SELECT kind, key FROM keys_in('{table}')") if kind < 6}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(THING)
def test_every_way_to_write_it_meets(engine: Engine, thing: Thing) -> None:
    held = keys(engine, "held", thing.held)
    for billed in thing.billed:
        assert keys(engine, "billed", (billed,)) & held, billed


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(THING, THING)
def test_two_things_have_nothing_in_common(engine: Engine, one: Thing, other: Thing) -> None:
    if not set(one.billed) & set(other.billed):
        assert not keys(engine, "held", one.held) & keys(engine, "billed", other.billed)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_has_keys_or_none_and_the_same_each_time(engine: Engine, ids: list[str]) -> None:
    texts = tuple(i.replace("\0", "") for i in ids)
    assert keys(engine, "any", texts) == keys(engine, "any", texts)


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(state_ids.HELD_OF_TYPE)), st.data())
def test_lists_and_maps_of_ids_are_read_whatever_they_hold(kind: str, data: st.DataObject) -> None:
    names = sorted({*state_ids.read_attributes(kind)})
    values = {name: data.draw(VALUE) for name in names}
    own, held = state_ids.own(kind, values), state_ids.held(kind, values)
    assert all(isinstance(text, str) and text for text in (*own, *held))
    assert not set(own) & set(held)
    assert len(set(held)) == len(held)
