-- The request of the bench, and wrk's own figures as one line of JSON. wrk sends no Content-Length without a body.
wrk.method = "POST"
wrk.headers["Content-Length"] = "0"

function done(summary, _, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"durationUs":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}\n',
    summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.timeout, errors.status
  ))
end
