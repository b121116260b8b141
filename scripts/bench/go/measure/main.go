// Command measure runs a command to its end and writes what it took as JSON to a file:
//
//	measure FILE COMMAND [ARGUMENT...]
//
//	{"exit": code, "signal": name or "", "cpuMs": user and system time, "wallMs": number, "memoryKb": number}
//
// Node cannot: it reaps its children itself and keeps their resource usage to itself. The times are those that the kernel gives at
// wait4, of the command and of its children that it waited for. The memory is the command's highest resident set (VmHWM), read every
// 50 ms; ru_maxrss would not do, because a child of a fork begins with its parent's.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type usage struct {
	Exit     int     `json:"exit"`
	Signal   string  `json:"signal"`
	CPUMs    float64 `json:"cpuMs"`
	WallMs   float64 `json:"wallMs"`
	MemoryKb int64   `json:"memoryKb"`
}

const (
	readEvery = 50 * time.Millisecond
	exitUsage = 2
	exitError = 1
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "measure: give a file and a command")
		os.Exit(exitUsage)
	}
	used, err := run(os.Args[2], os.Args[3:])
	if err == nil {
		var text []byte
		if text, err = json.Marshal(used); err == nil {
			err = os.WriteFile(os.Args[1], text, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(exitError)
	}
}

func run(command string, arguments []string) (usage, error) {
	child := exec.Command(command, arguments...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	began := time.Now()
	if err := child.Start(); err != nil {
		return usage{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	ticker := time.NewTicker(readEvery)
	defer ticker.Stop()
	var highest int64
	for {
		select {
		case <-ticker.C:
			highest = max(highest, residentKb(child.Process.Pid))
		case received := <-signals:
			_ = child.Process.Signal(received)
		case <-ended:
			return usageOf(child.ProcessState, time.Since(began), highest), nil
		}
	}
}

func usageOf(state *os.ProcessState, wall time.Duration, memoryKb int64) usage {
	used := usage{
		Exit:     state.ExitCode(),
		CPUMs:    (state.UserTime() + state.SystemTime()).Seconds() * 1000,
		WallMs:   wall.Seconds() * 1000,
		MemoryKb: memoryKb,
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		used.Signal = status.Signal().String()
	}
	return used
}

// residentKb is the process's highest resident set so far, 0 when it has none any more.
func residentKb(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, found := strings.Cut(string(text), "VmHWM:")
	if !found {
		return 0
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kb
}
