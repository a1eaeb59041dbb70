-- Another address and another network each time.
local n = tonumber(os.getenv("BENCH_START"))
request = function()
  n = n + 1
  local network = string.format("%d.%d.%d.1", 10 + math.floor(n / 65536), math.floor(n / 256) % 256, n % 256)
  local headers = {["Origin"] = os.getenv("BENCH_ORIGIN"), ["X-Forwarded-For"] = network, ["Content-Type"] = "application/x-www-form-urlencoded"}
  return wrk.format("POST", os.getenv("BENCH_PATH"), headers, os.getenv("BENCH_BODY") .. "&email=person" .. n .. "%40organisation" .. n .. ".org")
end
