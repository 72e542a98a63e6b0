//go:build tools

// Package tools names the program that .make/bench-tools builds from this module.
package tools

import _ "ariga.io/atlas/cmd/atlas"
