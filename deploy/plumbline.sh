#!/bin/sh
# The command line inside the image: docker compose exec app plumbline doctor
cd /app && exec node --import ./scripts/lib/mend-driver.mjs build/cli.mjs "$@"
