"""`python -m service` is the command `cart-cds`."""

from service.cli import main

if __name__ == "__main__":
    main()
