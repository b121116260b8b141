module zerodrop.dev/saboteur

go 1.25.0
