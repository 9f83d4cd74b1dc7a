//go:build tools

// Package tools names the programs that this module is here to build.
package tools

import (
	_ "github.com/prometheus/prometheus/cmd/promtool"
)
