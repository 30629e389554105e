"""What the audit costs a boot: bench.py [PAIRS]

The same kernel, medium and emulated server: booted as the image boots, and with the audit's unit and
NVIDIA's masked, which leaves systemd, the network and ssh. In turns; ratios of the guest's own clock.
"""
import os
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True
import live
import machine

KEPT = os.path.join(live.TOP, "dist", "test")
ISO = os.environ.get("BEE_ISO", os.path.join(KEPT, "bee.iso"))
KEY = os.path.join(KEPT, "key")
BARE = " systemd.mask=bee-audit.service systemd.mask=bee-nvidia.service"


def boot(more):
    """{unit: seconds after which it was up}; that of the audit is up when it has ended."""
    with tempfile.TemporaryDirectory(prefix="bee-iso-") as folder:
        words = machine.arguments(folder) + live.kernel_of(folder, ISO, more)
        with live.Live(folder, ISO, KEY, words) as g:
            g.up()
            if not more:
                g.audited()
            return g.times()


def main(pairs):
    ratios = {"ssh.service": [], "multi-user.target": [], "bee-audit.service": []}
    for _ in range(pairs):
        whole, bare = boot(""), boot(BARE)
        for unit, found in ratios.items():
            found.append(whole[unit] / bare["ssh.service" if unit == "bee-audit.service" else unit])
        print(f"# ssh {bare['ssh.service']:.1f} s without the audit; with it {whole['ssh.service']:.1f} s,")
        print(f"# and the document after {whole['bee-audit.service']:.1f} s", flush=True)
    for unit, found in ratios.items():
        what = "document / ssh without" if unit == "bee-audit.service" else f"{unit} / without"
        said = ", ".join(f"{r:.2f}" for r in found)
        print(f"{what:32} {statistics.median(found):.2f}   ({said})")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
