"""`python -m mail_desk` is `mail-desk`."""

from mail_desk.cli import main

if __name__ == "__main__":
    main()
