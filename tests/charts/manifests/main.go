// What the tests of charts and manifests ask of Kubernetes' own code.
//
//	manifests json              YAML on standard input, a list of objects in JSON on standard output
//	manifests decode            fails where the API of this build's Kubernetes would drop or refuse a field
//	manifests restricted        fails where Pod Security `restricted` would refuse a pod
//	manifests kustomize DIR     what `kubectl kustomize DIR` prints
//
// It is built twice, for the oldest supported Kubernetes (go.oldest.mod) and the newest (go.mod).
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	strict "k8s.io/apimachinery/pkg/runtime/serializer/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	psaapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// Kinds of others, whose types are no Go module that can be had for the price; left out by name, so
// that a misspelt group is still an error.
var unchecked = map[string]bool{"argoproj.io/v1alpha1 Application": true}

// Each adds the types of one API; newest.go has those of others.
var adders = []func(*runtime.Scheme) error{
	appsv1.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "manifests: %v\n", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 2 && arguments[0] == "kustomize" {
		return kustomize(arguments[1])
	}
	if len(arguments) != 1 {
		return errors.New("json, decode, restricted or kustomize DIR")
	}
	objects, err := read(os.Stdin)
	if err != nil {
		return err
	}
	switch arguments[0] {
	case "json":
		return json.NewEncoder(os.Stdout).Encode(objects)
	case "decode":
		return each(objects, decode)
	case "restricted":
		return each(objects, restricted)
	}
	return fmt.Errorf("there is no %s", arguments[0])
}

func each(objects []json.RawMessage, check func([]byte) error) error {
	if len(objects) == 0 {
		return errors.New("nothing to look at")
	}
	var all []error
	for _, object := range objects {
		all = append(all, check(object))
	}
	return errors.Join(all...)
}

// A key that stands twice is an error.
func read(from io.Reader) ([]json.RawMessage, error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(from))
	objects := []json.RawMessage{}
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		object, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, fmt.Errorf("%w in\n%s", err, document)
		}
		if string(object) != "null" {
			objects = append(objects, object)
		}
	}
}

func decodeTyped(object []byte) (runtime.Object, string, error) {
	var meta struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        struct{ Name string } `json:"metadata"`
	}
	if err := json.Unmarshal(object, &meta); err != nil {
		return nil, "", err
	}
	name := fmt.Sprintf("%s %s", meta.Kind, meta.Metadata.Name)
	kind := meta.APIVersion + " " + meta.Kind
	scheme := runtime.NewScheme()
	for _, add := range adders {
		if err := add(scheme); err != nil {
			return nil, name, err
		}
	}
	if unchecked[kind] || left(meta.GroupVersionKind(), scheme) {
		return nil, name, nil
	}
	serializer := strict.NewSerializerWithOptions(strict.DefaultMetaFactory, scheme, scheme, strict.SerializerOptions{Strict: true})
	typed, _, err := serializer.Decode(object, nil, nil)
	return typed, name, err
}

func decode(object []byte) error {
	_, name, err := decodeTyped(object)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func podOf(object runtime.Object) (*metav1.ObjectMeta, *corev1.PodSpec) {
	switch typed := object.(type) {
	case *corev1.Pod:
		return &typed.ObjectMeta, &typed.Spec
	case *batchv1.Job:
		return &typed.Spec.Template.ObjectMeta, &typed.Spec.Template.Spec
	case *appsv1.Deployment:
		return &typed.Spec.Template.ObjectMeta, &typed.Spec.Template.Spec
	}
	return nil, nil
}

func restricted(object []byte) error {
	typed, name, err := decodeTyped(object)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	meta, spec := podOf(typed)
	if spec == nil {
		return nil
	}
	evaluator, err := newEvaluator(policy.DefaultChecks())
	if err != nil {
		return err
	}
	level := psaapi.LevelVersion{Level: psaapi.LevelRestricted, Version: psaapi.LatestVersion()}
	var all []error
	for _, result := range evaluator.EvaluatePod(level, meta, spec) {
		if !result.Allowed {
			all = append(all, fmt.Errorf("%s: %s: %s", name, result.ForbiddenReason, result.ForbiddenDetail))
		}
	}
	return errors.Join(all...)
}
