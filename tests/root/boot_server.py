#!/usr/bin/python3
"""A boot server on loopback, honest or not. usage: boot_server.py FOLDER BEE PORT-FILE

FOLDER has tls.pem (certificate and key), ticket.key, receipt.key, order ("none" or an order's path), and
mode: words that make it misbehave; with "raw" it answers with the bytes of FOLDER/raw. All are read anew for each request. PUT
documents go to FOLDER/home. Each request is a line of FOLDER/log.
"""
import hashlib
import http.server
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time

folder, bee, port_file = sys.argv[1:4]


def words():
    with open(f"{folder}/mode") as file:
        return file.read().split()


def value(name, otherwise):
    for word in words():
        if word.startswith(name + "="):
            return word[len(name) + 1:]
    return otherwise


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def signed(text, key):
    with tempfile.TemporaryDirectory() as place:
        path = f"{place}/text"
        with open(path, "w") as file:
            file.write(text)
        subprocess.run([bee, "remote", "sign", "-k", f"{folder}/{key}", path], check=True)
        return text + read(path + ".minisig").decode()


def now():
    return value("time", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self):
        with open(f"{folder}/log", "a") as file:
            file.write(f"{self.command} {self.path}\n")

    def answer(self, body, status=200, length=None, headers=()):
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def ticket(self):
        with open(f"{folder}/order") as file:
            path = file.read().strip()
        attempt = self.path.rpartition("attempt=")[2].partition("&")[0]
        request = value("request", sha256(self.path.encode()))
        order = path if path == "none" else sha256(read(path))
        state = sha256(read(f"{folder}/files/state")) if os.path.exists(f"{folder}/files/state") and order != "none" else "none"
        lists = [int(name) for name in os.listdir(folder) if name.isdecimal()]
        keys = max(lists, default=1)
        text = (f"{value('domain', 'bee-ticket')} 1\nrequest {request}\norder {value('order', order)}\n"
                f"state {value('state', state)}\nkeys {value('keys', keys)}\nattempt {value('attempt', attempt)}\ntime {now()}\n")
        for word in words():
            if word.startswith("extra="):
                text += word[6:] + " x\n"
        return signed(text + "end\n", value("key", "ticket.key")).encode()

    def misbehave(self):
        """True: it has, and there is nothing more to say."""
        mode = words()
        if "short" in mode:
            self.answer(b"x" * 100, length=1000)
        elif "huge" in mode:
            self.answer(b"", length=10 << 30)
        elif "endless" in mode:
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 65536)
        elif "headers" in mode:
            self.send_response(200)
            for i in range(1000):
                self.send_header(f"X-{i}", "y" * 100)
            self.close_connection = True
            self.end_headers()
        elif "raw" in mode:
            self.close_connection = True
            self.wfile.write(read(f"{folder}/raw"))
        elif "drip" in mode:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            for _ in range(1000):
                self.wfile.write(b"x")
                time.sleep(0.3)
        elif "redirect" in mode:
            self.answer(b"", 302, headers=[("Location", f"https://boot.test:{port}/elsewhere")])
        elif "busy" in mode:
            self.answer(b"", 503, headers=[("Retry-After", value("retry", "2"))])
        else:
            return False
        return True

    def do_GET(self):
        self.note()
        if self.path.startswith("/cgi-bin/bootme?"):
            if self.misbehave():
                return
            body = self.ticket()
            if "flip" in words():
                at = int(value("at", "20"))
                body = body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]
            self.answer(body)
        elif self.path.startswith("/v1/receipts/"):
            name = self.path.rpartition("/")[2]
            if not os.path.exists(f"{folder}/home/{name}") or "forgetful" in words():
                return self.answer(b"", 404)
            document = value("document", name)
            self.answer(signed(f"bee-receipt 1\ndocument {document}\ntime {now()}\nend\n",
                               value("receipt-key", "receipt.key")).encode())
        elif self.path.startswith("/v1/file/") or self.path.startswith("/v1/sig/"):
            kind, name = self.path.split("/")[2:]
            for file in os.listdir(f"{folder}/files"):
                if file.endswith(".minisig") or sha256(read(f"{folder}/files/{file}")) != name:
                    continue
                if kind == "sig":
                    return self.answer(read(f"{folder}/files/{value('instead-sig', file)}.minisig"))
                body = read(f"{folder}/files/{value('instead', file)}")
                if f"flipped={file}" in words():
                    body = body[:-1] + bytes([body[-1] ^ 1])
                if f"late={file}" in words():
                    time.sleep(12)
                return self.answer(b"wrong" if f"wrong={file}" in words() else body)
            self.answer(b"", 404)
        elif self.path.startswith("/v1/keys/") and os.path.exists(f"{folder}/{self.path[9:]}"):
            self.answer(read(f"{folder}/{self.path[9:]}"))
        elif self.path == "/v1/order/rack4-node7":
            with open(f"{folder}/order") as file:
                path = file.read().strip()
            order = path if path == "none" else sha256(read(path))
            self.answer((value("order", order) + "\n").encode())
        else:
            self.answer(b"", 404)

    def do_PUT(self):
        self.note()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "home-busy" in words():
            return self.answer(b"", 503, headers=[("Retry-After", value("retry", "2"))])
        if "home-slow" in words():
            time.sleep(60)
        name = self.path.rpartition("/")[2]
        document = subprocess.run(["zstd", "-dcq"], input=body, stdout=subprocess.PIPE, check=True).stdout
        if sha256(document) != name:
            return self.answer(b"", 400)
        if "lossy" not in words():
            with open(f"{folder}/home/{name}", "wb") as file:
                file.write(document)
        self.answer(b"", 201)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    address_family = socket.AF_INET6 if ":" in os.environ.get("BEE_TEST_ADDRESS", "") else socket.AF_INET

    def handle_error(self, request, client_address):
        pass


server = Server((os.environ.get("BEE_TEST_ADDRESS", "127.0.0.1"), int(os.environ.get("BEE_TEST_PORT", "0"))), Handler)
port = server.server_address[1]
if "plain" not in words():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if "old" in words():
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(f"{folder}/tls.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(port_file + ".next", "w") as out:
    out.write(f"{port}\n")
os.rename(port_file + ".next", port_file)
server.serve_forever()
