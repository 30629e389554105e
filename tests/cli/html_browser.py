#!/usr/bin/env python3
"""Opens a page in chromium, by its own protocol, and says what it is there.

html_browser.py PAGE [PICTURE WIDTH HEIGHT [dark|print]]

Prints, one a line: what it said of itself (a refused style or script, an error), what it asked for beside the page,
dialogs that opened; how many sections, headings, tables, regions, pictures and links a screen reader is told of, and those
without a name; where the focus goes by Tab alone; whether it is wider than the window.
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile


class Browser:
    def __init__(self, size):
        self.home = tempfile.mkdtemp()
        to_read, self.write_fd = os.pipe()
        self.read_fd, to_write = os.pipe()
        os.set_inheritable(to_read, True)
        os.set_inheritable(to_write, True)

        def fds():
            # Chromium reads commands from 3 and answers on 4.
            a, b = os.dup(to_read), os.dup(to_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
             f"--user-data-dir={self.home}", f"--window-size={size[0]},{size[1]}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=fds, close_fds=False)
        os.close(to_read)
        os.close(to_write)
        self.rest, self.number, self.events, self.session = b"", 0, [], None

    def message(self):
        while b"\0" not in self.rest:
            data = os.read(self.read_fd, 1 << 16)
            if not data:
                raise SystemExit("chromium ended")
            self.rest += data
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **params):
        self.number += 1
        command = {"id": self.number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.write_fd, json.dumps(command).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.message())

    def end(self):
        self.session = None
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def value(browser, text):
    return browser.call("Runtime.evaluate", expression=text, returnByValue=True)["result"].get("value")


def focus_path(browser):
    places = []
    for _ in range(60):
        for kind in ("rawKeyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        at = value(browser, "(e => e === document.body ? '' : e.tagName.toLowerCase() + ' ' + (e.getAttribute('aria-label') || e.textContent.slice(0, 40)))(document.activeElement)")
        if not at or (places and at == places[0]):
            break
        places.append(at)
    return places


def judge(browser):
    roles, unnamed = {}, []
    for node in browser.call("Accessibility.getFullAXTree")["nodes"]:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in ("heading", "table", "region", "link", "image", "figure", "navigation", "main", "columnheader"):
            continue
        roles[role] = roles.get(role, 0) + 1
        if role not in ("main", "table") and not node.get("name", {}).get("value"):
            unnamed.append(role)
    print("roles:", ", ".join(f"{role} {roles[role]}" for role in sorted(roles)))
    print("without a name:", ", ".join(unnamed) or "none")
    # Script is for the question alone: the page may run none.
    print("focus:", ", ".join(focus_path(browser)))
    print("wider than the window:", value(browser, "document.documentElement.scrollWidth > innerWidth"))


def main():
    page = os.path.abspath(sys.argv[1])
    size = [int(n) for n in sys.argv[3:5]] or [1200, 900]
    browser = Browser(size)
    try:
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime", "Network", "Accessibility"):
            browser.call(domain + ".enable")
        look = sys.argv[5] if len(sys.argv) > 5 else ""
        browser.call("Emulation.setEmulatedMedia", media="print" if look == "print" else "",
                     features=[{"name": "prefers-color-scheme", "value": "dark" if look == "dark" else "light"}])
        browser.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size[0] < 500)
        browser.call("Page.navigate", url="file://" + page)
        browser.wait("Page.loadEventFired")
        if len(sys.argv) > 2:
            shot = browser.call("Page.captureScreenshot", captureBeyondViewport=look == "all")
            with open(sys.argv[2], "wb") as file:
                file.write(base64.b64decode(shot["data"]))
        judge(browser)
        said = [e["params"]["entry"]["text"] for e in browser.events if e.get("method") == "Log.entryAdded"]
        said += [str(e["params"]) for e in browser.events if e.get("method") in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled")]
        asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
        dialogs = [e["params"]["message"] for e in browser.events if e.get("method") == "Page.javascriptDialogOpening"]
        print("said:", "; ".join(said) or "nothing")
        print("asked for:", ", ".join(u for u in asked if u != "file://" + page) or "nothing")
        print("dialogs:", ", ".join(dialogs) or "none")
    finally:
        browser.end()


main()
