-- Each line of the file is a link and the cookie of the browser that signed.
local links, n = {}, 0
for line in io.lines(os.getenv("BENCH_LINKS")) do links[#links + 1] = line end
request = function()
  n = n + 1
  local path, cookie = string.match(links[(n - 1) % #links + 1], "(%S+) (%S+)")
  local network = string.format("%d.%d.%d.1", 10 + math.floor(n / 65536), math.floor(n / 256) % 256, n % 256)
  local headers = {["Origin"] = os.getenv("BENCH_ORIGIN"), ["X-Forwarded-For"] = network, ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = cookie}
  return wrk.format("POST", path, headers, "act=confirm")
end
