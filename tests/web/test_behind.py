"""What takes long is made behind the pages' back: nobody waits beyond their patience, nobody makes it twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from infragod.web.behind import KEPT, Behind


class Work:
    """Something that takes as long as it is held."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.begun = 0

    def __call__(self, key: str) -> str:
        self.begun += 1
        number = self.begun
        assert self.may_end.wait(30)
        return f"{key}{number}"


def until(true: Callable[[], bool]) -> None:
    """Wait until it holds."""
    for _ in range(3000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to that")


def test_nobody_waits_longer_than_their_patience_and_it_is_made_once() -> None:
    work = Work()
    behind = Behind(work)
    assert behind.get("a", 0.01) is None
    assert behind.get("a", 0.01) is None
    assert work.begun == 1
    work.may_end.set()
    until(lambda: behind.get("a", 0.01) is not None)


def test_the_older_answer_stands_until_the_new_one_is_there() -> None:
    work = Work()
    work.may_end.set()
    time = [0.0]

    def make(key: str) -> str:
        time[0] += 1
        return work(key)

    behind = Behind(make, lambda: time[0])
    assert behind.get("a", None) == "a1"
    assert behind.get("a", None) == "a1", "it took a second, so it is kept for a hundred"
    time[0] += 200
    work.may_end.clear()
    assert behind.get("a", 0.01) == "a1"
    work.may_end.set()
    until(lambda: behind.get("a", 0.01) == "a2")


def test_what_went_wrong_is_told_to_who_waits_and_tried_again() -> None:
    faults = [ValueError("the first time")]

    def make(key: str) -> str:
        if faults:
            raise faults.pop()
        return key

    behind = Behind(make)
    with pytest.raises(ValueError, match="the first time"):
        behind.get("a", None)
    assert behind.get("a", None) == "a"


def test_only_so_many_are_kept() -> None:
    time = [0.0]
    made: list[int] = []

    def make(key: int) -> int:
        time[0] += 1
        made.append(key)
        return key

    behind = Behind(make, lambda: time[0])
    for key in range(KEPT + 1):
        assert behind.get(key, None) == key
    assert behind.get(1, None) == 1
    assert made.count(1) == 1
    assert behind.get(0, None) == 0
    assert made.count(0) == 2, "the oldest was let go"
