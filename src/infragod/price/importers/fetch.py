"""Files of price lists from an address, to the disk: a download that broke off goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from infragod.errors import InputError, RemoteError
from infragod.progress import SILENT, Progress

if TYPE_CHECKING:
    import httpx

TIMEOUT: Final = 60.0
AGAIN: Final = 3
"""How often a request that failed is sent again."""
LONGEST_WAIT: Final = 60.0
"""Seconds that a server may ask us to wait, for a wait to be made; after that it is said, and the run ends."""
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class RefusedError(RemoteError):
    """The server understood, and answered that it will not."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Remote:
    """Reads documents and files over HTTP."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        """`secrets` are headers; they are sent to the address alone, encrypted, and never to where it redirects."""
        import httpx

        self._secrets = {name: value for name, value in (secrets or {}).items() if value}
        agent = {"user-agent": "infragod", "accept-encoding": "gzip, identity", **self._secrets}
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=not self._secrets, headers=agent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def document(self, url: str, parameters: Mapping[str, str] | None = None) -> Any:
        """The JSON document at an address; ``RemoteError`` says what the server answered instead."""
        import httpx

        self._check(url)
        last = ""
        for _ in range(AGAIN):
            try:
                response = self._client.get(url, params=parameters)
            except httpx.HTTPError as error:
                last = str(error) or type(error).__name__
                continue
            if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                last = _wait(response)
                continue
            if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return self._json(response, url)
            last = f"answer {response.status_code}"
        raise RemoteError(f"{self._plain(url)} cannot be read: {last}; try again later, or give the files with --from")

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if self._secrets and parts.scheme != "https" and parts.hostname not in _HERE:
            raise InputError(f"{url} is not encrypted, so no key is sent there; use https")

    def _plain(self, text: str) -> str:
        """A text without secrets, whoever put them there."""
        for secret in self._secrets.values():
            text = text.replace(secret, "***")
        return text

    def _json(self, response: httpx.Response, url: str) -> Any:
        if not response.is_success:
            said = self._plain(f"{url} answers {response.status_code}: {_message(response)}")
            raise RefusedError(f"{said}; check the address and the rights", response.status_code)
        try:
            return response.json()
        except ValueError:
            raise RemoteError(f"{self._plain(url)} answers no JSON; check the address") from None

    def download(self, url: str, path: Path, title: str, progress: Progress = SILENT) -> None:
        """The file at an address, whole, under `path`; what `path.part` holds of it already is not sent again."""
        import httpx

        part, mark = path.with_name(path.name + ".part"), path.with_name(path.name + ".etag")
        last = ""
        for _ in range(AGAIN):
            try:
                self._go_on(url, part, mark, title, progress)
            except httpx.HTTPError as error:
                last = str(error) or type(error).__name__
                continue
            finally:
                progress.finish()
            part.replace(path)
            mark.unlink(missing_ok=True)
            return
        raise RemoteError(f"{url} broke off: {last}; run the same command again, it goes on where it was")

    def _go_on(self, url: str, part: Path, mark: Path, title: str, progress: Progress) -> None:
        done = part.stat().st_size if part.is_file() and mark.is_file() else 0
        # a range is a range of the encoded bytes, so a part can only be gone on with as it is
        headers = {"accept-encoding": "identity"}
        if done:
            headers |= {"range": f"bytes={done}-", "if-range": mark.read_text(encoding="utf-8")}
        with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code == 416:  # noqa: PLR2004 - Range Not Satisfiable: all of it is here
                return
            if not response.is_success:
                raise RemoteError(f"{url} answers {response.status_code}; check the address")
            goes_on = response.status_code == 206  # noqa: PLR2004 - Partial Content
            done = done if goes_on else 0
            mark.write_text(response.headers.get("etag", ""), encoding="utf-8")
            length = response.headers.get("content-length")
            progress.start(title, int(length) + done if length else None, "B")
            progress.advance(done)
            with part.open("ab" if goes_on else "wb") as file:
                for chunk in response.iter_raw():
                    file.write(chunk)
                    progress.advance(len(chunk))
        if not mark.read_text(encoding="utf-8"):
            mark.unlink()  # without a mark nobody knows whether the rest would be of the same file


def _wait(response: httpx.Response) -> str:
    """Wait as long as the server asks, where that is not long; what to say of it."""
    asked = response.headers.get("retry-after", "1")
    seconds = float(asked) if asked.isdigit() else _until(asked)
    if seconds > LONGEST_WAIT:
        raise RemoteError(
            f"{response.url.copy_with(query=None)} answers 429: too many requests; run the same command again in "
            f"{seconds:.0f} seconds, pages already read are kept"
        )
    time.sleep(seconds)
    return "answer 429 (too many requests)"


def _until(date: str) -> float:
    try:
        return max((parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds(), 0)
    except (ValueError, TypeError):
        return 1.0


def _message(response: httpx.Response) -> str:
    """What a provider says is wrong, in its own words, shortened."""
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
    return str(error.get("message", error) if isinstance(error, dict) else error)[:200]
