module zerodrop.dev/k6/holder

go 1.25.0
