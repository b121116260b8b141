package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// The test's own program is what is measured: with BURN set it is busy, and in a child of its own too.
func TestMain(m *testing.M) {
	switch os.Getenv("BURN") {
	case "child":
		burn()
		os.Exit(0)
	case "both":
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "BURN=child")
		if child.Run() != nil {
			os.Exit(9)
		}
		burn()
		os.Exit(7)
	}
	os.Exit(m.Run())
}

var sink []byte

// burn takes 300 ms of CPU by the kernel's account, and 64 MiB of memory.
func burn() {
	sink = make([]byte, 64<<20)
	for used := time.Duration(0); used < 300*time.Millisecond; {
		for index := range sink {
			sink[index]++
		}
		var usage syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
			os.Exit(9)
		}
		used = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
}

// Would catch: CPU of children that is left out, a lost exit code, memory that is not the command's.
func TestTellsWhatACommandAndItsChildrenTook(t *testing.T) {
	t.Setenv("BURN", "child")
	alone, err := run(os.Args[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("BURN", "both")
	both, err := run(os.Args[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if alone.Exit != 0 || both.Exit != 7 || both.Signal != "" {
		t.Fatalf("ended as %+v and %+v", alone, both)
	}
	if alone.CPUMs < 300 || both.CPUMs < 600 {
		t.Fatalf("the CPU is %.0f ms of at least 300, and %.0f ms of at least 600", alone.CPUMs, both.CPUMs)
	}
	if alone.MemoryKb < 64<<10 || alone.MemoryKb > 256<<10 {
		t.Fatalf("the memory is %d KB", alone.MemoryKb)
	}
}

// Would catch: a killed command that looks like one that ended well.
func TestTellsOfASignal(t *testing.T) {
	used, err := run("sh", []string{"-c", "kill -KILL $$"})
	if err != nil || used.Signal != "killed" || used.Exit == 0 {
		t.Fatalf("ended as %+v, %v", used, err)
	}
}
