#!/usr/bin/env bash
# The tests with branch coverage; the core rooms are held to 95 %.
set -euo pipefail
core="src/infragod/*.py,src/infragod/lake/*,src/infragod/terraform/*,src/infragod/price/*,src/infragod/policy/*"
core="$core,src/infragod/finance/*,src/infragod/budget/*,src/infragod/org/*,src/infragod/db/*,src/infragod/report/*"
core="$core,src/infragod/collect/*,src/infragod/approval/*"
.venv/bin/pytest -q -n 2 --dist loadgroup --cov --cov-report= "$@"
.venv/bin/coverage report --include="$core" --fail-under=95
