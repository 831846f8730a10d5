"""Programs for the sandbox that no honest step would be, each a few lines run as the steps' own are."""

from pathlib import Path

_SPEAK = """
import json, os, sys
control = int(sys.argv[4])
def say(**members):
    os.write(control, json.dumps(members).encode() + b"\\n")
def done(code="ok", **report):
    say(result=code, report=report)
"""

PROGRAMS = {
    "echo": "sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.stdout.flush(); done(bytes=1)",
    "arguments": "sys.stdout.write(os.fdopen(int(sys.argv[3])).read()); sys.stdout.flush(); done()",
    "sleep": "import time; say(progress=[1, 2]); time.sleep(600)",
    "spin": "while True: pass",
    "hungry": "say(progress=[0, 1]); kept = bytearray(8 << 30)",
    "fill": "open('/tmp/fill', 'wb').write(bytes(400 << 20)) and done()",
    "flood": "while True: sys.stdout.buffer.write(bytes(1 << 20))",
    "silent": "os.close(1); os.close(control); import time; time.sleep(600)",
    "crash": "os.abort()",
    "unfinished": "sys.stdout.buffer.write(b'half')",
    "refuse": "done('signed')",
    "invented": "done('a sentence of the document')",
    "infinite": 'os.write(control, b\'{"result": "ok", "report": {"n": Infinity}}\\n\')',
    "nested": "os.write(control, b'[' * 4000 + b'\\n')",
    "endless_line": "\nfor _ in range(200): os.write(control, b'x' * 60000)\ndone()",
    "boast": "say(progress=[10**30, -5]); done(huge=10**30, negative=-1)",
    "tell": """
import socket
seen = {"uid": os.getuid(), "environment": sorted(os.environ), "root": sorted(os.listdir("/"))}
def tried(name, work):
    try:
        work()
        seen[name] = "allowed"
    except Exception as error:
        seen[name] = type(error).__name__
for number, path in enumerate(json.load(os.fdopen(int(sys.argv[3])))["paths"]):
    tried(f"path{number}", lambda path=path: open(path).read())
def write(path):
    return lambda: open(path, "wb").write(b"x")
tried("internet", lambda: socket.create_connection(("127.0.0.1", 80), 1))
tried("unix", lambda: socket.socket(socket.AF_UNIX))
tried("fork", os.fork)
tried("shm", write("/dev/shm/x"))
tried("slash", write("/x"))
tried("packages", write(sys.path[1] + "/x"))
tried("sysctl", write("/proc/sys/kernel/hostname"))
tried("work", write("/scratch/x"))
seen["processes"] = sum(name.isdigit() for name in os.listdir("/proc"))
sys.stdout.write(json.dumps(seen)); sys.stdout.flush(); done()
""",
    "reserve": """
import mmap
seen = {"reserved": 1, "filled": 1}
try:
    space = mmap.mmap(-1, 4 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0)
except OSError:
    seen["reserved"] = 0
try:
    kept = bytearray(512 << 20)
except MemoryError:
    seen["filled"] = 0
done(**seen)
""",
    "keys": """
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"
calls = dict(ptrace=101, mount=165, keyctl=250, bpf=321, userfaultfd=323, unshare=272,
    io_uring_setup=425) if x86 else dict(
    ptrace=117, mount=40, keyctl=219, bpf=280, userfaultfd=282, unshare=97, io_uring_setup=425)
seen = {}
for name, number in calls.items():
    ctypes.set_errno(0)
    seen[name] = [libc.syscall(number, 0, 0, 0, 0, 0), ctypes.get_errno()]
sys.stdout.write(json.dumps(seen)); sys.stdout.flush(); done()
""",
    "bomb": """
while len(os.listdir("/proc")) < 300:  # where the limit does not hold, the test fails and not the machine
    try:
        os.fork()
    except OSError:
        pass
""",
    "count": """
import time
count = 0
while count < 200:
    try:
        if os.fork() == 0:
            time.sleep(600)
        count += 1
    except OSError:
        break
time.sleep(1.5)
done(children=count)
""",
    "orphans": """
import signal, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
say(progress=[1, 2])
if not json.load(os.fdopen(int(sys.argv[3]))).get("end"):
    time.sleep(600)
done()
""",
    "swell": """
import time
for _ in range(6):
    if os.fork() == 0:
        kept = bytearray(100 << 20)
        time.sleep(600)
time.sleep(600)
""",
    "child": """
import ctypes, socket
def tried(work):
    try:
        return "allowed" if work() in (None, 0) else "refused"
    except OSError as error:
        return "refused"
libc = ctypes.CDLL(None, use_errno=True)
def write(path):
    return lambda: open(path, "wb").close()
def cloned(flags):
    return lambda: libc.syscall(56 if os.uname().machine == "x86_64" else 220, flags | 17, 0, 0, 0, 0) < 0
if os.fork() == 0:
    seen = {"user": os.getuid(), "programs": []}
    seen["internet"] = tried(lambda: socket.create_connection(("127.0.0.1", 80), 1))
    seen["unix"] = tried(lambda: socket.socket(socket.AF_UNIX).close())
    for name, flag in dict(user=0x10000000, net=0x40000000, mount=0x20000, pid=0x20000000, cgroup=0x2000000).items():
        seen["unshare_" + name] = tried(lambda: libc.unshare(flag))
        seen["clone_" + name] = tried(lambda: 1 if cloned(flag)() else 0)
    for path in ("/x", "/dev/shm/x", "/usr/x", "/programs/x", "/proc/sys/kernel/hostname", sys.path[1] + "/x"):
        seen["write_" + path] = tried(write(path))
    seen["write_scratch"] = tried(write("/scratch/x"))
    for folder in ("/bin", "/usr/bin", "/sbin", "/usr/sbin"):
        seen["programs"] += os.listdir(folder) if os.path.isdir(folder) else []
    sys.stdout.write(json.dumps(seen)); sys.stdout.flush(); os._exit(0)
os.wait()
done()
""",
}


def programs_write(folder: Path) -> Path:
    """Put them where a sandbox finds them; readable by everybody, as installed programs are."""
    folder.chmod(0o755)
    for name, text in PROGRAMS.items():
        (folder / f"{name}.py").write_text(_SPEAK + text + "\n")
    return folder
