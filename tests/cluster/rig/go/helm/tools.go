//go:build tools

// Package tools names the programs that this module is here to build.
package tools

import (
	_ "helm.sh/helm/v3/cmd/helm"
)
