#!/usr/bin/python3
"""A server that is odd in one way, with a certificate that is as it should be. usage: odd_server.py ADDRESS PORT CERT-AND-KEY WAY

silent       accepts, and says nothing
hello        a TLS handshake of a byte in 0.2 seconds
alerts       10,000 warnings in the place of a handshake
h2           HTTP/2 and nothing else, from its first byte
reset        resets the connection behind the handshake
"""
import socket
import ssl
import struct
import sys
import threading
import time

address, port, cert, way = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]


def tls(one):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert)
    return context.wrap_socket(one, server_side=True)


def serve(one):
    try:
        if way == "silent":
            time.sleep(60)
        elif way == "hello":
            one.recv(65536)
            # A record of a handshake, 16 KiB long (RFC 8446, 5.1), of which each byte is late.
            for byte in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\0" * 16384:
                one.sendall(bytes([byte]))
                time.sleep(0.2)
        elif way == "alerts":
            one.recv(65536)
            one.sendall(b"\x15\x03\x03\x00\x02\x01\x5a" * 10000)
            time.sleep(60)
        elif way == "h2":
            one = tls(one)
            one.sendall(b"\0\0\0\4\0\0\0\0\0")
            time.sleep(60)
        elif way == "reset":
            one = tls(one)
            one.recv(65536)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()
    except OSError:
        pass


listener = socket.create_server((address, port))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
