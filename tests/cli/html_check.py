#!/usr/bin/env python3
"""Reads a page of bee report --html as a browser would, strictly, and judges it.

html_check.py PAGE             prints what is wrong: a script, an attribute that is none of ours, a
                               style that its policy does not allow, an address, an id twice, a tag open
html_check.py --text PAGE      the text of it, one element a line
html_check.py --count PAGE TAG[.CLASS]   how many there are
html_check.py --pgm PAGE       the QR code as a picture
"""
import base64
import hashlib
import html.parser
import re
import sys

ALLOWED = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv", "content", "name"}, "title": set(),
    "style": set(), "body": {"class"}, "pre": set(), "span": {"class"}, "br": set(), "header": set(), "nav": {"aria-label"}, "main": set(),
    "section": {"id", "aria-labelledby"}, "h1": set(), "h2": {"id"}, "h3": set(), "h4": set(), "p": {"class"},
    "div": {"class", "tabindex", "role", "aria-label"}, "table": set(), "thead": set(), "tbody": set(), "tr": {"class"},
    "th": {"scope"}, "td": {"class"}, "ul": {"class"}, "li": {"class"}, "b": set(), "small": set(), "details": set(), "summary": set(), "code": set(),
    "strong": {"class"}, "dl": set(), "dt": set(), "dd": set(), "a": {"href"},
    "figure": {"class", "tabindex", "aria-label"}, "figcaption": {"class"},
    "svg": {"class", "role", "viewbox", "shape-rendering"}, "rect": {"class", "x", "y", "width", "height", "fill"},
    "path": {"fill", "d"}, "line": {"class", "x1", "y1", "x2", "y2"}, "text": {"x", "y", "text-anchor"},
}
# What HTML lets one leave open, and what has no end.
OPEN = {"meta", "br", "dt", "dd", "li", "tr", "td", "th"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.wrong, self.stack, self.ids, self.links, self.words, self.tags = [], [], [], [], [], []
        self.style, self.policy, self.path, self.box = "", "", "", ""
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is not closed" for tag in self.stack]
        self.wrong += [f"id {i} comes twice" for i in set(self.ids) if self.ids.count(i) > 1]
        self.wrong += [f"{link} leads nowhere" for link in self.links if link[1:] not in self.ids]
        digest = base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()
        if f"style-src 'sha256-{digest}'" not in self.policy or not self.policy.startswith("default-src 'none'"):
            self.wrong.append("the policy is not that of this page")
        if re.search(r"url\(|@import|expression", self.style):
            self.wrong.append("the style loads something")

    def handle_starttag(self, tag, attrs):
        if tag not in ALLOWED:
            self.wrong.append(f"<{tag}>")
            return
        self.tags.append((tag, dict(attrs).get("class") or ""))
        for name, value in attrs:
            if name not in ALLOWED[tag]:
                self.wrong.append(f"<{tag} {name}>")
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)
                if not re.fullmatch(r"#[a-z]+", value):
                    self.wrong.append(f"an address: {value}")
        if tag == "meta" and dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs)["content"]
        if tag == "path":
            self.path = dict(attrs)["d"]
        if tag == "svg" and dict(attrs).get("class") == "code":
            self.box = dict(attrs)["viewbox"]
        if tag not in OPEN and not self.get_starttag_text().endswith("/>"):
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def handle_comment(self, data):
        self.wrong.append(f"a comment: {data}")

    def handle_data(self, data):
        if self.stack and self.stack[-1] == "style":
            self.style += data
        elif data.strip():
            self.words.append(" ".join(data.split()))


def picture(page):
    size = int(page.box.split()[2])
    dark = set()
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", page.path):
        dark |= {(int(x) + i, int(y)) for i in range(int(run))}
    scale = 8
    out = sys.stdout.buffer
    out.write(b"P5 %d %d 255\n" % (size * scale, size * scale))
    for y in range(size):
        line = b"".join((b"\0" if (x, y) in dark else b"\xff") * scale for x in range(size))
        out.write(line * scale)


mode = sys.argv[1] if sys.argv[1].startswith("--") else ""
name = sys.argv[2] if mode else sys.argv[1]
with open(name, encoding="utf-8", newline="") as file:
    page = Page(file.read())
if mode == "--text":
    print("\n".join(page.words))
elif mode == "--count":
    tag, _, cls = sys.argv[3].partition(".")
    print(sum(t == tag and (not cls or cls in c.split()) for t, c in page.tags))
elif mode == "--pgm":
    picture(page)
else:
    print("\n".join(page.wrong[:10]) if page.wrong else "good")
