/** Judges one recording and prints what it took, as JSON: for scripts/bench/judge.ts, which runs it as a process of its own. */
import { judgeRecording } from "../../orchestrator/cli/judge-recording.ts";

const [directory = ""] = process.argv.slice(2);
const began = performance.now();
const { verdict, sentence } = await judgeRecording(directory);
const seconds = (performance.now() - began) / 1000;
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
process.stdout.write(`${JSON.stringify({ verdict, sentence, seconds, cpuSeconds, megabytes: maxRSS / 1024 })}\n`);
