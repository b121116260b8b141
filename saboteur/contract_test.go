package main

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// The same files are read by the tests of orchestrator/prove/proxy.

// Would catch: rules that the runner takes for good and the proxy refuses, in the middle of a run, or takes otherwise.
func TestRulesAsTheRunnerKnowsThem(t *testing.T) {
	text, err := os.ReadFile("testdata/rules.json")
	if err != nil {
		t.Fatal(err)
	}
	var lists struct{ Good, Bad []json.RawMessage }
	if err := json.Unmarshal(text, &lists); err != nil {
		t.Fatal(err)
	}
	if len(lists.Good) == 0 || len(lists.Bad) == 0 {
		t.Fatal("the file has no lists")
	}
	for _, list := range lists.Good {
		if _, err := readRules(list); err != nil {
			t.Errorf("%s: %v", list, err)
		}
	}
	for _, list := range lists.Bad {
		if rules, err := readRules(list); err == nil {
			t.Errorf("%s was taken as %+v", list, rules)
		}
	}
}

// Would catch: a report with other fields than the runner reads.
func TestReportAsTheRunnerKnowsIt(t *testing.T) {
	text, err := os.ReadFile("testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	var r report
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is not what the file has", again)
	}
}
