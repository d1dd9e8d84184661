-- Adds ARGV[1] to the number in KEYS[1] and returns the total, or says in a word why not: the type that
-- the key holds, `nan` for a string that is no number, `overflow`. Nothing has changed then.
local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' and held.err then
    local holds = redis.call('TYPE', KEYS[1]).ok
    -- It could not be read for another reason.
    if holds == 'string' or holds == 'none' then
        return held
    end
    return redis.status_reply(holds)
end
local number = 0
if held then
    if not string.find(held, '^[+-]?%d+$') then
        return redis.status_reply('nan')
    end
    -- A double holds every integer that counts, and rounds none of the others into their range.
    number = tonumber(held)
    if number < -2147483648 or number > 2147483647 then
        return redis.status_reply('nan')
    end
end
local total = number + tonumber(ARGV[1])
if total < -2147483648 or total > 2147483647 then
    return redis.status_reply('overflow')
end
redis.call('SET', KEYS[1], string.format('%d', total), 'KEEPTTL')
return total
