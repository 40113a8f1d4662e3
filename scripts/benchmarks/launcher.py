"""Run a command as a child and print its exit code, wall s, CPU s and peak KiB.

Linux counts the memory of the process that forked into a child's `ru_maxrss`, also
after exec (fs/exec.c, exec_mmap). A child of the benchmark, which holds numpy, would
never be seen under 60 MB; this parent imports next to nothing and weighs 6 MB, less
than any tool we compare. `posix_spawn` and `subprocess` share the parent's memory
until exec and count all of it: hence the plain fork.
"""

import os
import sys
import time


def main(command: list[str]) -> None:
    """Run a command, its output sent to stderr, and print what it cost.

    Parameters
    ----------
    command : list of str
        Program and arguments; the costs include the children it waits for.
    """
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        become(command)

    _, status, usage = os.wait4(pid, 0)
    wall_s = time.monotonic() - started
    cpu_s = usage.ru_utime + usage.ru_stime
    print(os.waitstatus_to_exitcode(status), wall_s, cpu_s, usage.ru_maxrss)


def become(command: list[str]) -> None:
    """Turn this process into the command; exit 127 when there is no such program."""
    try:
        os.dup2(2, 1)
        os.execvp(command[0], command)  # noqa: S606 - a list we built, no shell
    finally:
        os._exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
