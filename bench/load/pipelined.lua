-- Has wrk send 16 requests at a time, and wait for their answers.
function init()
    local one = wrk.format()
    requests = string.rep(one, 16)
end

function request()
    return requests
end
