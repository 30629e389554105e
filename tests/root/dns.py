#!/usr/bin/python3
"""A name server on 127.0.0.1: each name is what FOLDER/dns says, IPv4 and IPv6 addresses; "dead" answers nothing, "turn" another
order to each pair of questions, "loop" two names that are each other's, "junk" bytes that are no answer.
usage: dns.py FOLDER"""
import ipaddress
import socket
import struct
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
with open(f"{sys.argv[1]}/dns-ready", "w"):
    pass
turned = -1
while True:
    query, peer = server.recvfrom(4096)
    with open(f"{sys.argv[1]}/dns") as file:
        words = file.read().split()
    if "turn" in words:
        words.remove("turn")
        turned += 1
        words = words[turned // 2 % len(words):] + words[:turned // 2 % len(words)]
    if "junk" in words:
        # As many answers as it can have, and a name that leads to itself.
        server.sendto(query[:2] + b"\x81\x80\0\1\xff\xff\xff\xff\xff\xff" + b"\xc0\x0c" * 200, peer)
        continue
    if "dead" in words:
        continue
    at = 12
    while query[at]:
        at += query[at] + 1
    kind = struct.unpack("!H", query[at + 1:at + 3])[0]
    question = query[12:at + 5]
    version = {1: 4, 28: 6}.get(kind)
    answers = b""
    count = 0
    if "loop" in words:
        # www.LOOP is LOOP, which is www.LOOP: CNAME (RFC 1035, 3.2.2: 5), the second name behind the first's label.
        words = []
        name = b"\3www\xc0\x0c"
        answers = b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 0, len(name)) + name + name + struct.pack("!HHIH", 5, 1, 0, 2) + b"\xc0\x0c"
        count = 2
    for word in words:
        address = ipaddress.ip_address(word)
        if address.version == version:
            answers += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(address.packed)) + address.packed
            count += 1
    server.sendto(query[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, count, 0, 0) + question + answers, peer)
