"""The process for untrusted files: what a file that does its worst can not do, and who ends when."""

import errno
import io
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from moodscore.errors import BadMedia
from moodscore.prepare import sandbox, sandbox_keeper, sandbox_lock
from moodscore.prepare.sandbox_keeper import Keeper, ServerGone
from moodscore.prepare.sandbox_line import Allowance

filtered = pytest.mark.skipif(not sandbox_lock.can_filter(), reason="this system filters no calls")


@pytest.fixture(scope="module", autouse=True)
def decoder():
    """The process that decodes, ended afterwards."""
    sandbox.warm()
    yield
    sandbox.close()


def png(colour=(200, 30, 30)):
    file = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(file, "PNG")
    return file.getvalue()


# Files that do their worst

BAD_TASKS = """
import ctypes, os, socket, sys, time

def hang(file, asked, reply):
    reply.facts(pid=os.getpid())
    while True:
        pass

def sleep(file, asked, reply):
    reply.facts(pid=os.getpid())
    time.sleep(600)

def hog(file, asked, reply):
    held = bytearray(700 << 20)
    reply.facts(done=len(held))

def crash(file, asked, reply):
    ctypes.string_at(0)

def good(file, asked, reply):
    reply.facts(read=file.read(4).decode())

def lie(file, asked, reply):
    reply.facts(width=8, height=8, shown=[2048, 2048], taken_at="<script>")
    reply.numbers(b"P", b"short")

def babble(file, asked, reply):
    reply.numbers(b"P", bytes(50 << 20))

def confess(file, asked, reply):
    reply.numbers(b"E", b"line one\\n\\x1b[31m<b>" + b"x" * 200)

def admit(file, asked, reply):
    reply.facts(files=True, network=False, programs=True, processes=True, memory=0)

def shout(file, asked, reply):
    for descriptor in (1, 2):
        try:
            os.write(descriptor, b"INJECTED")
        except OSError:
            pass
    reply.facts(shouted=True)

def nonsense(file, asked, reply):
    os.write(reply._line, b"\\xff" * 100)

def linger(file, asked, reply):
    os.close(reply._line)
    time.sleep(600)

def reach(file, asked, reply):
    library = ctypes.CDLL(None, use_errno=True)
    def called(name, *arguments):
        if getattr(library, name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), name)
    tries = {
        "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "write": lambda: os.open("/tmp/moodscore-escaped", os.O_WRONLY | os.O_CREAT),
        "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "unix socket": lambda: socket.socket(socket.AF_UNIX),
        "execve": lambda: os.execv("/bin/true", ["true"]),
        "fork": os.fork,
        "kill": lambda: os.kill(os.getppid(), 0),
        "ptrace": lambda: called("ptrace", 16, os.getppid(), 0, 0),
        "unlink": lambda: os.unlink("/tmp/moodscore-nothing"),
        "list": lambda: os.listdir("/"),
        "look": lambda: os.stat("/etc/passwd"),
        "mount": lambda: called("mount", b"none", b"/tmp", b"tmpfs", 0, None),
        "memory to execute": lambda: called("mprotect", ctypes.c_void_p(id(tries) & ~4095), 4096, 7),
    }
    said = {}
    for name, attempt in tries.items():
        try:
            attempt()
            said[name] = "done"
        except OSError as error:
            said[name] = error.errno
    reply.facts(said=said)
"""


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """A keeper whose children do what the world's worst file could make them do."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "worst_tasks.py").write_text(BAD_TASKS)
    names = [line.split("(")[0][4:] for line in BAD_TASKS.splitlines() if line.startswith("def ")]
    sys.path.insert(0, str(folder))
    keeper = Keeper({name: f"worst_tasks:{name}" for name in names}, most_at_once=4)
    yield keeper
    keeper.close()
    sys.path.remove(str(folder))


def told_by(keeper, task, data=b"data", **allowance):
    """The facts a task tells, as one dictionary."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        asked = {"name": "bad.jpg"}
        with keeper.conversation(task, file.fileno(), asked, Allowance(**allowance)) as child:
            facts = {}
            for _, part in child.parts({}):
                facts.update(json.loads(part))
            return facts


@pytest.mark.parametrize("task", ["hang", "sleep"])
def test_a_decoder_that_hangs_is_ended_at_the_wall_clock(bad, task):
    start = time.monotonic()
    with pytest.raises(BadMedia, match=r"^bad.jpg: expected a file that opens within 1 s, got one that takes longer"):
        told_by(bad, task, seconds=0.6)
    assert time.monotonic() - start < 4
    assert told_by(bad, "good") == {"read": "data"}


def test_a_decoder_that_wants_too_much_memory_is_refused_and_the_next_file_is_served(bad):
    with pytest.raises(BadMedia, match=r"^bad.jpg: expected a file that opens within 512 MB of memory, got one that"):
        told_by(bad, "hog")
    assert told_by(bad, "good") == {"read": "data"}


def test_a_decoder_that_crashes_harms_nobody_else(bad):
    pid = bad.pid
    with pytest.raises(BadMedia, match=r"^bad.jpg: expected a whole file, got a damaged one"):
        told_by(bad, "crash")
    assert told_by(bad, "good") == {"read": "data"}
    assert bad.pid == pid


@pytest.mark.parametrize("task", ["babble", "nonsense", "confess"])
def test_a_child_that_was_taken_over_is_not_believed(bad, task):
    with pytest.raises(BadMedia) as caught:
        told_by(bad, task)
    assert str(caught.value).startswith("bad.jpg: ")
    assert str(caught.value).isprintable()


def test_a_child_that_hangs_up_and_lives_on_holds_no_place(bad, monkeypatch):
    monkeypatch.setattr(sandbox_keeper, "_END_S", 0.5)
    start = time.monotonic()
    for _ in range(5):  # more than there are places
        with pytest.raises(BadMedia, match=r"^bad.jpg: expected a whole file, got a damaged one"):
            told_by(bad, "linger", seconds=600.0)
    assert time.monotonic() - start < 10
    assert told_by(bad, "good") == {"read": "data"}


def test_a_child_that_lies_about_its_picture_is_refused(bad, monkeypatch):
    liar = Keeper({"photo": "worst_tasks:lie"})
    monkeypatch.setattr(liar, "conversation", lambda task, *rest: bad.conversation("lie", *rest))
    monkeypatch.setattr(sandbox, "_keeper", lambda: liar)
    with pytest.raises(BadMedia, match=r"^x: expected a whole file, got a damaged one"):
        sandbox.photo(png(), "x")


@filtered
def test_a_child_reaches_nothing_but_its_file(bad):
    said = told_by(bad, "reach")["said"]
    assert set(said.values()) == {1}, said  # EPERM, for everything


def test_limits_alone_keep_files_and_sockets_shut():
    code = (
        "import os, socket, tempfile\nfrom moodscore.prepare import sandbox_lock as lock\n"
        "from moodscore.prepare.sandbox_line import Allowance\n"
        "lock.can_filter = lambda: False\nfile = tempfile.TemporaryFile()\nsaid = []\n"
        "assert lock.lock(Allowance(64 << 20, 5)) is False\n"
        "for attempt in (lambda: open('/etc/passwd'), socket.socket, lambda: os.write(file.fileno(), b'x')):\n"
        "    try:\n        attempt()\n        said.append('done')\n    except OSError as error:\n"
        "        said.append(error.errno)\nos.write(1, repr(said).encode())\nos._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, timeout=60)
    assert done.stdout.decode() == repr([errno.EMFILE, errno.EMFILE, errno.EFBIG])


def judged(machine, arch, number, arguments=(0, 0, 0, 0, 0, 0)):
    """What the filter answers to a system call, by a small interpreter of BPF."""
    data = struct.pack("<iIQ6Q", number, arch, 0, *arguments)
    lines = list(struct.iter_unpack("=HBBI", sandbox_lock._program(machine)))
    at, held = 0, 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        if code == 0x20:
            held = struct.unpack_from("<I", data, value)[0]
        elif code == 0x06:
            return value
        else:
            hit = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            at += yes if hit else no


@pytest.mark.parametrize(
    ("machine", "arch", "read", "execve", "mmap", "clone"),
    [("x86_64", 0xC000003E, 0, 59, 9, 56), ("aarch64", 0xC00000B7, 63, 221, 222, 220)],
)
def test_the_filter_lets_through_what_computing_needs_on_both_machines(machine, arch, read, execve, mmap, clone):
    allow, refuse, kill = 0x7FFF0000, 0x00050001, 0x80000000
    assert judged(machine, arch, read) == allow
    assert judged(machine, arch, execve) == refuse
    assert judged(machine, 0x40000003, read) == kill
    assert judged(machine, arch, mmap, (0, 4096, 3, 0x22, 0, 0)) == allow
    assert judged(machine, arch, mmap, (0, 4096, 7, 0x22, 0, 0)) == refuse
    assert judged(machine, arch, mmap, (0, 4096, 3, 0x21, 0, 0)) == refuse
    assert judged(machine, arch, clone, (0x11, 0, 0, 0, 0, 0)) == refuse
    assert judged(machine, arch, clone, (0x3D0F00, 0, 0, 0, 0, 0)) == allow
    listed = {numbers[machine == "aarch64"] for numbers in sandbox_lock._CALLS.values()}
    for number in set(range(600)) - listed:
        assert judged(machine, arch, number) == refuse


# The server


def test_a_server_that_was_killed_is_started_again():
    before = sandbox._keeper().pid
    os.kill(before, signal.SIGKILL)
    assert sandbox.photo(png(), "a").kind == "PNG"
    assert sandbox._keeper().pid != before


def test_a_file_whose_server_is_killed_meanwhile_is_tried_again(bad):
    timer = threading.Timer(0.3, lambda: os.kill(bad.pid, signal.SIGKILL))
    timer.start()
    with pytest.raises(ServerGone):
        told_by(bad, "sleep")
    timer.join()
    tries = []

    def work():
        tries.append(1)
        if len(tries) == 1:
            raise ServerGone("x")
        return "done"

    assert sandbox._twice(work) == "done"


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_server_and_children_end_with_the_program_even_when_it_is_killed(tmp_path):
    (tmp_path / "worst_tasks.py").write_text(BAD_TASKS)
    code = (
        "import sys, tempfile\nsys.path.insert(0, sys.argv[1])\n"
        "from moodscore.prepare.sandbox_keeper import Keeper\nfrom moodscore.prepare.sandbox_line import Allowance\n"
        "keeper = Keeper({'sleep': 'worst_tasks:sleep'})\nfile = tempfile.TemporaryFile()\n"
        "with keeper.conversation('sleep', file.fileno(), {'name': 'x'}, Allowance()) as child:\n"
        "    for _, part in child.parts({}):\n        print(keeper.pid, part.decode(), flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as program:
        server, _, child = program.stdout.readline().decode().partition(" ")
        pids = [int(server), int(child.strip().split(":")[1].rstrip("}"))]
        assert not any(map(gone, pids))
        program.kill()
    limit = time.monotonic() + 5
    while not all(map(gone, pids)) and time.monotonic() < limit:
        time.sleep(0.02)
    assert all(map(gone, pids))


def test_eight_threads_at_once_get_what_each_asked_for():
    photos = {png((shade, 0, 255 - shade)): shade for shade in range(0, 250, 25)}
    with ThreadPoolExecutor(8) as pool:
        for data, safe in zip(list(photos) * 3, pool.map(sandbox.photo, list(photos) * 3), strict=True):
            shown = np.asarray(Image.open(io.BytesIO(safe.large.jpeg))).reshape(-1, 3).mean(0)
            assert shown == pytest.approx((photos[data], 0, 255 - photos[data]), abs=6)


def test_the_server_itself_has_one_thread_and_none_of_our_files():
    sandbox.warm()
    pid = sandbox._keeper().pid
    assert len(os.listdir(f"/proc/{pid}/task")) == 1
    with open(f"/proc/{pid}/environ", "rb") as file:
        names = {part.split(b"=")[0] for part in file.read().split(b"\0") if part}
    assert names <= {
        b"PATH",
        b"LD_LIBRARY_PATH",
        b"TMPDIR",
        b"HOME",
        b"OMP_NUM_THREADS",
        b"OPENBLAS_NUM_THREADS",
        b"GLIBC_TUNABLES",
    }
    with tempfile.TemporaryFile():
        assert len(os.listdir(f"/proc/{pid}/fd")) <= 8


@filtered
def test_protection_is_found_by_trying_and_is_whole_here():
    assert sandbox.protection().open_doors == ()


def test_protection_names_the_doors_that_are_open(bad, monkeypatch):
    keeper = Keeper()
    monkeypatch.setattr(keeper, "conversation", lambda task, *rest: bad.conversation("admit", *rest))
    monkeypatch.setattr(sandbox, "_keeper", lambda: keeper)
    assert sandbox.protection().open_doors == ("network", "memory")


def test_what_a_decoder_prints_does_not_reach_our_log(bad, capfd):
    assert told_by(bad, "shout") == {"shouted": True}
    assert capfd.readouterr() == ("", "")
