module headway/bench/atlas

go 1.26

require ariga.io/atlas/cmd/atlas v0.13.1

require golang.org/x/tools v0.30.0 // indirect
