module zerodrop.dev/scripts/go/pause

go 1.25.0
