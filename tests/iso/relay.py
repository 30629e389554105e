"""A connection of a machine's to a port of this host: relay.py PORT. QEMU starts it for each, on its stdin and stdout."""
import os
import socket
import sys
import threading

server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def answers():
    while True:
        data = server.recv(65536)
        if not data:
            os._exit(0)
        os.write(1, data)


threading.Thread(target=answers, daemon=True).start()
while True:
    sent = os.read(0, 65536)
    if not sent:
        break
    server.sendall(sent)
