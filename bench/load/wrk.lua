-- Has wrk send as many requests at a time as it is told after `--`, and wait
-- for their answers; and say at the end what it does not say by itself.
function init(args)
    local one = wrk.format()
    requests = string.rep(one, tonumber(args[1]))
end

function request()
    return requests
end

function done(summary, latency, requests)
    io.write(string.format("p50_ns=%d p99_ns=%d p999_ns=%d\n",
        latency:percentile(50) * 1000, latency:percentile(99) * 1000,
        latency:percentile(99.9) * 1000))
end
