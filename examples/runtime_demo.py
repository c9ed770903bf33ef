"""The reference runtime at work: an image analysed, a request refused, the metrics of both."""

from __future__ import annotations

import base64
import io
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from typing import Any

from PIL import Image, ImageDraw


def picture() -> bytes:
    """A landscape, as PNG."""
    image = Image.linear_gradient("L").rotate(180).resize((320, 200))
    drawn = Image.merge("RGB", (image.point(lambda v: v // 2), image.point(lambda v: v // 2 + 60), image))
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((230, 25, 280, 75), fill="gold")
    pen.polygon([(0, 200), (90, 90), (170, 200)], fill="seagreen")
    stored = io.BytesIO()
    drawn.save(stored, "PNG")
    return stored.getvalue()


def call(url: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """The status and the JSON that ``url`` answers with."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def show(status: int, answer: Any) -> None:
    """Print an answer."""
    print(status, json.dumps(answer, indent=2))


def main() -> None:
    """Start the service, call it three times, stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        print(f"\n$ python -m reference_runtime --port {port}", flush=True)
        command = [sys.executable, "-m", "reference_runtime", "--port", str(port), "--data", data]
        service = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            for _ in range(200):
                try:
                    call(f"{url}/healthz")
                    break
                except OSError:
                    time.sleep(0.1)
            image = base64.b64encode(picture()).decode()
            asked = {
                "plugin": "statistics",
                "image": image,
                "mime_type": "image/png",
                "options": {"colours": 3},
            }
            print("\n$ POST /v1/analyze  # statistics of a landscape")
            show(*call(f"{url}/v1/analyze", asked))
            print("\n$ POST /v1/analyze  # the same, with a mime type that lies")
            show(*call(f"{url}/v1/analyze", {**asked, "mime_type": "image/gif"}))
            print("\n$ GET /v1/plugins")
            for each in call(f"{url}/v1/plugins")[1]:
                average = each["avg_execution_time_ms"]
                print(
                    f"{each['name']:16} {each['state']:12} {each['success_count']} succeeded, "
                    f"{each['error_count']} failed" + (f", {average:.1f} ms on average" if average else "")
                )
        finally:
            service.send_signal(signal.SIGINT)
            print(f"\nStopped, exit status {service.wait(20)}.")


if __name__ == "__main__":
    main()
