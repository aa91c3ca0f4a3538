"""The register: sync → reconcile → measure → request → approve → contract → renew.

Not built yet; this page says how it will run, so that the rooms it needs keep their places.

    sync        collectors bring people, products, accounts, seats, usage signals and devices; a listing retires what
                it no longer holds only if it is known to be complete
    reconcile   accounts find their person, invoice lines their contract, products their aliases
    measure     utilisation, cost per active user, reclaimable seats, overlaps; unknown is not inactive
    request     a person asks for a product; an idle seat is granted at once
    approve     manager, budget owner, security and legal in parallel; a decision binds to what was decided
    contract    purchase order, contract, entitlement, seats
    renew       120 and 90 days before the notice date: renew, resize, consolidate or cancel
"""
