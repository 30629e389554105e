#!/usr/bin/python3
"""Machines that send a document each and stay on until they have its receipt. usage: ingest_clients.py PORT CA COUNT HOME

A line for each question that was not answered as it should be goes nowhere; the sums go to HOME/sums, one a line, and when the last
receipt is there, "N machines, M questions" is printed. As bee remote does: receipts first, then PUT, then receipts; with pauses.
"""
import hashlib
import http.client
import json
import random
import ssl
import subprocess
import sys
import threading
import time

port, ca, count, home = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
context = ssl.create_default_context(cafile=ca)
questions, lock = [0], threading.Lock()


class Connection(http.client.HTTPSConnection):
    """To loopback, with the name that the certificate has."""

    def connect(self):
        http.client.HTTPConnection.connect(self)
        self.sock = context.wrap_socket(self.sock, server_hostname="boot.test")


def ask(host, method, path, body=None):
    with lock:
        questions[0] += 1
    # Each has an address of its own, as machines have.
    connection = Connection("127.0.0.1", port, timeout=60, source_address=(host, 0))
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read(), int(answer.headers.get("Retry-After", 0))
    except (OSError, http.client.HTTPException):
        return 0, b"", 0
    finally:
        connection.close()


def machine(host, document, name):
    packed = subprocess.run(["zstd", "-qc"], input=document, stdout=subprocess.PIPE, check=True).stdout
    pause = 0.2
    while True:
        status, receipt, after = ask(host, "GET", f"/v1/receipts/{name}")
        if status == 200 and f"\ndocument {name}\n".encode() in receipt:
            return
        if status == 404:
            status, _, after = ask(host, "PUT", f"/v1/audit/{name}", packed)
            if status == 201:
                continue
        time.sleep(after + random.uniform(pause / 2, pause))
        pause = min(pause * 2, 60)


threads = []
with open(f"{home}/sums", "w") as sums:
    for n in range(count):
        text = json.dumps({"identity": {"uuid": f"cccccccc-0000-4000-8000-{n:012x}"},
                           "memory": {"modules": [{"key": f"0x{i}", "part_number": "M321R8GA0BB0"} for i in range(16)]}}).encode()
        name = hashlib.sha256(text).hexdigest()
        sums.write(name + "\n")
        threads.append(threading.Thread(target=machine, args=(f"127.0.{1 + n // 250}.{1 + n % 250}", text, name), daemon=True))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"{count} machines, {questions[0]} questions")
