"""The register: products, contracts, seats and devices, and what use is made of them."""
