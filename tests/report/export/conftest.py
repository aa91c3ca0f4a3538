"""The lake of the lake's own tests."""

from tests.lake.conftest import lake, load_bill, write_bill

__all__ = ["lake", "load_bill", "write_bill"]
