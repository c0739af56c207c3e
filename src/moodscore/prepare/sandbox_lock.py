"""The lock: what a process gives up for good before it looks at a stranger's file.

Everywhere: limits on memory (Linux), processor time, open files and written bytes. On Linux also a filter of system calls
(seccomp, Documentation/userspace-api/seccomp_filter.rst of the kernel) that lets through what computing needs, reading and
writing what is already open and memory that cannot be executed, and answers everything else with "not permitted".
"""

from __future__ import annotations

import ctypes
import errno
import platform
import resource
import signal
import struct
import sys
from functools import lru_cache

from moodscore.prepare.sandbox_line import Allowance

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF: ld abs, jeq, jge, jset, ret
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16  # in struct seccomp_data
_PROT_EXEC, _MAP_SHARED, _CLONE_THREAD = 4, 1, 0x10000
_X32 = 0x40000000
_SLACK_BYTES = 256 << 20  # address space that is set aside and never filled

# {call: its number on x86_64, on aarch64}, from arch/x86/entry/syscalls/syscall_64.tbl and asm-generic/unistd.h of Linux.
_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "lseek": (8, 62),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "times": (100, 153),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "getrandom": (318, 278),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "clone": (56, 220),
    "clone3": (435, 435),
}
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}  # AUDIT_ARCH, column


def lock(allowance: Allowance) -> bool:
    """Give up for good everything this process does not need to decode one open file; True when calls are filtered too."""
    if sys.platform == "linux":
        _control(_PR_SET_NO_NEW_PRIVS, 1)
        _control(_PR_SET_DUMPABLE, 0)
    _limit(allowance)
    return _filter_calls()


def prepare() -> None:
    """Have the lock ready, so that closing it in a child takes no time."""
    if can_filter():
        _filter()


def die_with_parent() -> None:
    """Have the system end this process when the one that forked it ends (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        _control(_PR_SET_PDEATHSIG, signal.SIGKILL)


def can_filter() -> bool:
    """Whether this system and machine are ones whose calls `lock` knows how to filter."""
    return sys.platform == "linux" and platform.machine() in _MACHINES and sys.maxsize > 1 << 32


def _control(option: int, value: int) -> bool:
    return bool(_libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0)


def _limit(allowance: Allowance) -> None:
    seconds = int(allowance.seconds) + 1
    held = _held()
    wanted = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_NOFILE: 0,  # files that are open stay so, and no other file or socket can be opened
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    if held is not None:
        # What is filled counts as data; address space also counts what threads set aside and never touch.
        wanted[resource.RLIMIT_DATA] = held[0] + allowance.memory_bytes
        wanted[resource.RLIMIT_AS] = held[1] + allowance.memory_bytes + _SLACK_BYTES
    for what, most in wanted.items():
        _lower(what, most)
    _lower(resource.RLIMIT_NPROC, 0)


def _lower(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (least, least))


def _held() -> tuple[int, int] | None:
    """(data, address space) this process holds, in bytes; None where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = [int(n) for n in file.read().split()]
    except OSError:
        return None
    return pages[5] * resource.getpagesize(), pages[0] * resource.getpagesize()


def _filter_calls() -> bool:
    if not can_filter():
        return False
    _, held = _filter()
    return bool(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(held), 0, 0) == 0)


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


class _SockFprog(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


@lru_cache(maxsize=1)
def _filter() -> tuple[ctypes.Array[ctypes.c_char], _SockFprog]:
    """The filter for the machine we run on, and what points at it."""
    program = _program(platform.machine())
    held = ctypes.create_string_buffer(program, len(program))
    return held, _SockFprog(len(program) // 8, ctypes.addressof(held))


def _program(machine: str) -> bytes:
    """The filter as BPF instructions of 8 bytes: wrong machine dies, listed calls pass, some by their arguments."""
    arch, column = _MACHINES[machine]
    denied = _ERRNO | errno.EPERM
    lines = [(_LOAD, 0, 0, _ARCH_AT), (_EQUAL, 1, 0, arch), (_ANSWER, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER_AT)]
    if machine == "x86_64":
        lines += [(_AT_LEAST, 0, 1, _X32), (_ANSWER, 0, 0, denied)]
    for name, numbers in _CALLS.items():
        answer = _special(name, denied) or [(_ANSWER, 0, 0, _ALLOW)]
        lines += [(_EQUAL, 0, len(answer), numbers[column]), *answer]
    lines.append((_ANSWER, 0, 0, denied))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _special(name: str, denied: int) -> list[tuple[int, int, int, int]]:
    """Instructions for calls that pass only with certain arguments (their lower 32 bits decide); none for the others."""
    low = 0 if sys.byteorder == "little" else 4

    def argument(index: int) -> tuple[int, int, int, int]:
        return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * index + low)

    allow, deny = (_ANSWER, 0, 0, _ALLOW), (_ANSWER, 0, 0, denied)
    if name == "mprotect":
        return [argument(2), (_ANY_BIT, 0, 1, _PROT_EXEC), deny, allow]
    if name == "mmap":
        return [argument(2), (_ANY_BIT, 2, 0, _PROT_EXEC), argument(3), (_ANY_BIT, 0, 1, _MAP_SHARED), deny, allow]
    if name == "clone":  # threads of this process pass, new processes do not
        return [argument(0), (_ANY_BIT, 1, 0, _CLONE_THREAD), deny, allow]
    if name == "clone3":  # its flags lie in memory, where a filter cannot look; the C library then falls back to clone
        return [(_ANSWER, 0, 0, _ERRNO | errno.ENOSYS)]
    return []
