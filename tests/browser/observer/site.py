"""The observer's web site: pages that watch themselves, and the place to which every context sends its report."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

HERE = Path(__file__).parent
_FRAMES = """<iframe src="/inner"></iframe><iframe src="{other}other"></iframe>
<iframe srcdoc="<p>srcdoc</p>"></iframe><iframe></iframe>"""
_POLICY = "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'"


class ObserverSite:
    """Serves the pages at 127.0.0.1 and, as another origin, at localhost; collects reports by the context's name."""

    def __init__(self) -> None:
        self.url = ""
        self.other_url = ""
        self.reports: dict[str, Any] = {}
        self._came = asyncio.Condition()

    async def reported(self, names: set[str]) -> None:
        """Return when all these contexts have reported."""
        async with self._came:
            await self._came.wait_for(lambda: names <= set(self.reports))

    async def page(self, request: web.Request) -> web.Response:
        name = request.path.strip("/") or "top"
        frames = _FRAMES.format(other=self.other_url) if name == "top" else ""
        text = self.fill((HERE / "web.html").read_text("utf-8")).replace("PLACE", name).replace("FRAMES", frames)
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": _POLICY})

    async def report(self, request: web.Request) -> web.Response:
        report = json.loads(await request.text())
        async with self._came:
            self.reports[request.match_info["name"]] = report
            self._came.notify_all()
        return web.Response()

    def fill(self, text: str) -> str:
        """Return a script or page with the site's address in it."""
        return text.replace("SITE", self.url)


@asynccontextmanager
async def serve_observer() -> AsyncIterator[ObserverSite]:
    site = ObserverSite()
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_post("/report/{name}", site.report)
    application.router.add_get("/{path:.*}", site.page)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        site.url, site.other_url = f"http://127.0.0.1:{port}/", f"http://localhost:{port}/"
        yield site
    finally:
        await runner.cleanup()
