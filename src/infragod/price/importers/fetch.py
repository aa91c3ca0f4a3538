"""Files of price lists from an address, to the disk: a download that broke off goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from infragod.errors import RemoteError
from infragod.progress import SILENT, Progress

if TYPE_CHECKING:
    import httpx

TIMEOUT: Final = 60.0
AGAIN: Final = 3
"""How often a request that failed is sent again."""


class Remote:
    """Reads documents and files over HTTP."""

    def __init__(self, parameters: Mapping[str, str] | None = None) -> None:
        import httpx

        self._parameters = dict(parameters or {})
        agent = {"user-agent": "infragod", "accept-encoding": "gzip, identity"}
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers=agent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def document(self, url: str, parameters: Mapping[str, str] | None = None) -> Any:
        """The JSON document at an address; ``RemoteError`` says what the server answered instead."""
        import httpx

        last = ""
        for _ in range(AGAIN):
            try:
                response = self._client.get(url, params={**self._parameters, **(parameters or {})} or None)
            except httpx.HTTPError as error:
                last = str(error) or type(error).__name__
                continue
            if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return self._json(response, url)
            last = f"answer {response.status_code}"
        raise RemoteError(f"{url} cannot be read: {last}; try again later, or give the files with --from")

    def _json(self, response: httpx.Response, url: str) -> Any:
        if not response.is_success:
            raise RemoteError(
                f"{url} answers {response.status_code}: {_message(response)}; check the address and the rights"
            )
        try:
            return response.json()
        except ValueError:
            raise RemoteError(f"{url} answers no JSON; check the address") from None

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


def _message(response: httpx.Response) -> str:
    """What a provider says is wrong, in its own words, shortened."""
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
    return str(error.get("message", error) if isinstance(error, dict) else error)[:200]
