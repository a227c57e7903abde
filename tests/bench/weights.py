"""What a phone downloads for a public page: each URL once, compressed as sent."""

import gzip
import re
from dataclasses import dataclass, field
from urllib.parse import urljoin
from urllib.request import Request, urlopen

FETCHED = re.compile(
    r"<link[^>]*\brel=\"(?:stylesheet|preload|icon)\"[^>]*\bhref=\"([^\"]+)\"|<link[^>]*\bhref=\"([^\"]+)\"[^>]*\brel=\"(?:stylesheet|icon)\""
    r"|<script[^>]*\bsrc=\"([^\"]+)\"|<img[^>]*\bsrc=\"([^\"]+)\"|<use[^>]*\bhref=\"([^\"#]+)#"
)
IN_CSS = re.compile(r"url\([\"']?([^\"')]+)[\"']?\)")


@dataclass
class Weight:
    """Bytes by type, and every URL requested."""

    page: int = 0
    fonts: dict[str, int] = field(default_factory=dict)
    pictures: int = 0
    addresses: list[str] = field(default_factory=list)


def fetch(address: str) -> tuple[bytes, int]:
    """Return the decompressed body, and its transferred length."""
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"}), timeout=30) as answer:
        body = answer.read()
        packed = answer.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(body) if packed else body), len(body)


def weigh(site: str, path: str) -> Weight:
    """Weigh the page and everything a browser downloads for it.

    Both fonts count: every page names the other languages.
    """
    weight, waiting = Weight(), [urljoin(site, path)]
    while waiting:
        address = waiting.pop(0)
        if address in weight.addresses or address.startswith("data:"):
            continue
        weight.addresses.append(address)
        body, length = fetch(address)
        kind = address.split("?")[0].rsplit(".", 1)[-1]
        if kind in {"woff2", "woff"}:
            weight.fonts[re.sub(r"(\.[0-9a-f]{12})?\.woff2?$", "", address.rsplit("/", 1)[-1])] = length
        elif kind in {"svg", "png", "jpg", "jpeg", "webp", "avif"}:
            weight.pictures += length
        else:
            weight.page += length
            found = (
                IN_CSS.findall(body.decode())
                if kind == "css"
                else [a for row in FETCHED.findall(body.decode()) for a in row if a]
            )
            if kind != "js":
                waiting += [urljoin(address, link.replace("&amp;", "&")) for link in found]
    return weight
