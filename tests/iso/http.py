"""One answer of HTTP/1.0 on stdin and stdout: http.py FOLDER. QEMU starts it for each connection.

So a machine whose network leads nowhere still gets its files, and no port of this host is open.
"""
import os
import shutil
import sys

words = sys.stdin.buffer.readline(4096).decode("ascii", "replace").split()
while sys.stdin.buffer.readline(4096).strip():
    pass
path = os.path.join(sys.argv[1], os.path.basename(words[1]) if len(words) > 1 else "")
out = sys.stdout.buffer
if os.path.isfile(path):
    out.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % os.path.getsize(path))
    if words[0] == "GET":
        with open(path, "rb") as file:
            shutil.copyfileobj(file, out, 1 << 16)
else:
    out.write(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
out.flush()
