#!/usr/bin/python3
"""A name server on 127.0.0.1: each name is what FOLDER/dns says, IPv4 and IPv6 addresses; "dead" answers nothing, "turn" another
order to each pair of questions.
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
    for word in words:
        address = ipaddress.ip_address(word)
        if address.version == version:
            answers += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(address.packed)) + address.packed
            count += 1
    server.sendto(query[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, count, 0, 0) + question + answers, peer)
