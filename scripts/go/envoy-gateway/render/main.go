// Command render prints the Kubernetes objects of a Helm chart or of a kustomization, as YAML.
//
//	render helm CHART_DIR NAMESPACE RELEASE VALUES_FILE
//	render kustomize DIR
//
// It exists because the embedded cluster installs its platform from the very charts and
// kustomizations that upstream ships, without needing helm, kustomize or a network.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func helm(dir, namespace, release, valuesFile string) (string, error) {
	chart, err := loader.Load(dir)
	if err != nil {
		return "", fmt.Errorf("load chart %s: %w", dir, err)
	}
	given, err := chartutil.ReadValuesFile(valuesFile)
	if err != nil {
		return "", fmt.Errorf("read values %s: %w", valuesFile, err)
	}
	if err := chartutil.ProcessDependencies(chart, given); err != nil {
		return "", fmt.Errorf("resolve chart dependencies: %w", err)
	}
	options := chartutil.ReleaseOptions{Name: release, Namespace: namespace, IsInstall: true, Revision: 1}
	values, err := chartutil.ToRenderValues(chart, given, options, chartutil.DefaultCapabilities)
	if err != nil {
		return "", fmt.Errorf("merge values: %w", err)
	}
	rendered, err := engine.Render(chart, values)
	if err != nil {
		return "", fmt.Errorf("render chart: %w", err)
	}
	names := make([]string, 0, len(rendered))
	for name := range rendered {
		names = append(names, name)
	}
	sort.Strings(names)
	var out strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "NOTES.txt") || strings.TrimSpace(rendered[name]) == "" {
			continue
		}
		fmt.Fprintf(&out, "---\n# %s\n%s\n", name, rendered[name])
	}
	return out.String(), nil
}

func kustomize(dir string) (string, error) {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return "", fmt.Errorf("build kustomization %s: %w", dir, err)
	}
	text, err := objects.AsYaml()
	return string(text), err
}

func main() {
	var text string
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 5 && args[0] == "helm":
		text, err = helm(args[1], args[2], args[3], args[4])
	case len(args) == 2 && args[0] == "kustomize":
		text, err = kustomize(args[1])
	default:
		fmt.Fprintln(os.Stderr, "usage: render helm CHART_DIR NAMESPACE RELEASE VALUES_FILE | render kustomize DIR")
		os.Exit(64)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
	fmt.Print(text)
}
