module zerodrop.dev/scripts/bench

go 1.25.0
