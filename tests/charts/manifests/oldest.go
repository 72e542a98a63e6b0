//go:build oldest

package main

import (
	"errors"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/policy"
)

// The types of others want a newer Kubernetes; the other build looks at them.
func left(kind schema.GroupVersionKind, scheme *runtime.Scheme) bool {
	return !scheme.IsGroupRegistered(kind.Group)
}

func newEvaluator(checks []policy.Check) (policy.Evaluator, error) {
	return policy.NewEvaluator(checks)
}

func kustomize(string) error { return errors.New("the build for the newest Kubernetes does that") }
