"""``python -m voiceprep``: the command line, of this very Python."""

from voiceprep.cli import main

if __name__ == "__main__":  # not where a worker process imports it anew
    main()
