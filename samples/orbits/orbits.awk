# Integrates the planets of the file it reads. Started by orbits.sh; what it says and writes is in report.awk.
#
# The method is that of Wisdom & Holman (Astron. J. 102, 1528, 1991): a step moves every planet exactly on its ellipse
# around the Sun, and before and after it the planets pull at each other for half the time. It is symplectic: the error
# of the energy swings and does not grow. The coordinates are those of Duncan, Levison & Lee (Astron. J. 116, 2067,
# 1998): positions x, y, z from the Sun, momenta per mass u, v, w from the centre of mass of all.
#
# The Sun's field is that of general relativity to first order, split as by Saha & Tremaine (Astron. J. 108, 1962,
# 1994). Newton's alone would leave the perihelion of Mercury 43 arcseconds behind after a century.
#
# Lengths are in au, times in days, masses in au^3/day^2 (G times mass).

/^[ \t]*(#|$)/ { next }
$1 == "epoch" && NF == 2 { epoch = $2; next }
$1 == "gauss" && NF == 2 { sun = $2 * $2; next }
$1 == "light-time" && NF == 2 { c2 = (86400 / $2) * (86400 / $2); next }
$1 == "moon" && NF == 3 { moonMass = $2; moonDistance = $3; next }
NF == 8 && $2 > 0 {
  planet = ++planets
  name[planet] = $1
  m[planet] = 1 / $2
  x[planet] = $3; y[planet] = $4; z[planet] = $5
  u[planet] = $6; v[planet] = $7; w[planet] = $8
  next
}
{ refuse("line " FNR " of " FILENAME " is neither a constant nor a planet") }

END {
  if (refused) {
    exit 2
  }
  if (!planets || !epoch || !sun || !c2 || !moonMass) {
    refuse(FILENAME " lacks the epoch, a constant or the planets")
  }
  run(ENVIRON["ORBITS_YEARS"], ENVIRON["ORBITS_STEP"], ENVIRON["ORBITS_RESULTS"])
  exit compare(ENVIRON["ORBITS_PUBLISHED"])
}

function run(years, longestStep, results,    trajectory, days, steps, h, step, percent, reported, sampleDay) {
  days = years * 365.25
  steps = int(days / longestStep)
  if (steps * longestStep < days) {
    steps++
  }
  h = days / steps
  start()
  energyAtStart = energy()
  trajectory = results "/trajectory.csv"
  startSamples(trajectory)
  sample(trajectory, epoch)
  report(0, years)
  for (step = 1; step <= steps; step++) {
    advance(h)
    if (step * h >= sampleDay + 30) {
      sampleDay += 30
      sample(trajectory, epoch + step * h)
    }
    percent = int(100 * step / steps)
    if (percent > reported) {
      reported = percent
      report(percent, years)
    }
  }
  close(trajectory)
  epoch += days
  finish()
  writeState(results "/positions.txt")
}

# From heliocentric velocities to momenta per mass, from the centre of mass.
function start(    i, moon, total, pu, pv, pw, factor) {
  total = sun
  for (i = 1; i <= planets; i++) {
    m[i] *= sun
    total += m[i]
    pu += m[i] * u[i]; pv += m[i] * v[i]; pw += m[i] * w[i]
  }
  moon = moonMass / (1 + moonMass)
  for (i = 1; i <= planets; i++) {
    u[i] -= pu / total; v[i] -= pv / total; w[i] -= pw / total
    factor = 1 + relativity(i)
    u[i] *= factor; v[i] *= factor; w[i] *= factor
    # The Sun pulls at the Earth and the Moon around it a little more than at one body in their middle; this is the
    # mean of it over a month. Without it the two would be 16 arcseconds late after a century.
    tide[i] = name[i] == "earth-moon" ? 0.75 * sun * moon * (1 - moon) * moonDistance * moonDistance : 0
  }
  accelerate()
}

# Back to heliocentric velocities.
function finish(    i, factor, pu, pv, pw) {
  for (i = 1; i <= planets; i++) {
    factor = 1 - relativity(i)
    u[i] *= factor; v[i] *= factor; w[i] *= factor
    pu += m[i] * u[i]; pv += m[i] * v[i]; pw += m[i] * w[i]
  }
  for (i = 1; i <= planets; i++) {
    u[i] += pu / sun; v[i] += pv / sun; w[i] += pw / sun
  }
}

# By how much of itself a planet's momentum per mass exceeds its velocity.
function relativity(i) {
  return ((u[i] * u[i] + v[i] * v[i] + w[i] * w[i]) / 2 + 3 * sun / sqrt(x[i] * x[i] + y[i] * y[i] + z[i] * z[i])) / c2
}

function advance(h) {
  kick(h / 2)
  shift(h / 2)
  drift(h / 2)
  orbit(h)
  drift(h / 2)
  shift(h / 2)
  accelerate()
  kick(h / 2)
}

# What pulls at each planet beside the Sun's Newtonian attraction.
function accelerate(    i, j, dx, dy, dz, d2, f, g) {
  for (i = 1; i <= planets; i++) {
    d2 = x[i] * x[i] + y[i] * y[i] + z[i] * z[i]
    f = -(2 * sun * sun / c2 + tide[i] / sqrt(d2)) / (d2 * d2)
    ax[i] = f * x[i]; ay[i] = f * y[i]; az[i] = f * z[i]
  }
  for (i = 1; i < planets; i++) {
    for (j = i + 1; j <= planets; j++) {
      dx = x[j] - x[i]; dy = y[j] - y[i]; dz = z[j] - z[i]
      d2 = dx * dx + dy * dy + dz * dz
      g = 1 / (d2 * sqrt(d2))
      f = m[j] * g
      ax[i] += f * dx; ay[i] += f * dy; az[i] += f * dz
      f = m[i] * g
      ax[j] -= f * dx; ay[j] -= f * dy; az[j] -= f * dz
    }
  }
}

function kick(h,    i) {
  for (i = 1; i <= planets; i++) {
    u[i] += h * ax[i]; v[i] += h * ay[i]; w[i] += h * az[i]
  }
}

# The Sun moves against the planets, and the origin with it.
function shift(h,    i, dx, dy, dz) {
  for (i = 1; i <= planets; i++) {
    dx += m[i] * u[i]; dy += m[i] * v[i]; dz += m[i] * w[i]
  }
  dx *= h / sun; dy *= h / sun; dz *= h / sun
  for (i = 1; i <= planets; i++) {
    x[i] += dx; y[i] += dy; z[i] += dz
  }
}

# The part of relativity that depends on the momentum alone.
function drift(h,    i, f) {
  for (i = 1; i <= planets; i++) {
    f = -2 * h * (u[i] * u[i] + v[i] * v[i] + w[i] * w[i]) / c2
    x[i] += f * u[i]; y[i] += f * v[i]; z[i] += f * w[i]
  }
}

# Each planet on its ellipse: e is the change of its eccentric anomaly, found by Newton's method from Kepler's equation.
function orbit(h,    i, x0, y0, z0, r0, k, t, a, n, ec, es, e, rounds, change, half, s, c, r, f, g, df, dg) {
  for (i = 1; i <= planets; i++) {
    x0 = x[i]; y0 = y[i]; z0 = z[i]
    r0 = sqrt(x0 * x0 + y0 * y0 + z0 * z0)
    k = (u[i] * u[i] + v[i] * v[i] + w[i] * w[i]) / 2 - sun / r0
    if (k >= 0) {
      refuse(name[i] " leaves the Sun, and only ellipses can be followed")
    }
    t = h * (1 + 3 * k / c2) # the last part of relativity
    a = -sun / (2 * k)
    n = sqrt(sun / a) / a
    ec = 1 - r0 / a
    es = (x0 * u[i] + y0 * v[i] + z0 * w[i]) / (n * a * a)
    e = n * t * a / r0
    rounds = 0
    do {
      half = sin(e / 2)
      s = 2 * half * cos(e / 2)
      c = 2 * half * half # 1 - cos(e), without the loss of digits
      change = (e - ec * s + es * c - n * t) / (1 - ec * (1 - c) + es * s)
      e -= change
    } while ((change > 1e-15 || change < -1e-15) && ++rounds < 20)
    r = a * (1 - ec * (1 - c) + es * s)
    f = 1 - c * a / r0; g = t - (e - s) / n
    df = -a * a * n * s / (r0 * r); dg = 1 - c * a / r
    x[i] = f * x0 + g * u[i]; y[i] = f * y0 + g * v[i]; z[i] = f * z0 + g * w[i]
    u[i] = df * x0 + dg * u[i]; v[i] = df * y0 + dg * v[i]; w[i] = df * z0 + dg * w[i]
  }
}

function energy(    i, j, dx, dy, dz, p2, r, k, sum, pu, pv, pw) {
  for (i = 1; i <= planets; i++) {
    p2 = u[i] * u[i] + v[i] * v[i] + w[i] * w[i]
    r = sqrt(x[i] * x[i] + y[i] * y[i] + z[i] * z[i])
    k = p2 / 2 - sun / r
    sum += m[i] * (k + (1.5 * k * k - p2 * p2 / 2 - sun * sun / (r * r)) / c2 - tide[i] / (3 * r * r * r))
    pu += m[i] * u[i]; pv += m[i] * v[i]; pw += m[i] * w[i]
    for (j = i + 1; j <= planets; j++) {
      dx = x[j] - x[i]; dy = y[j] - y[i]; dz = z[j] - z[i]
      sum -= m[i] * m[j] / sqrt(dx * dx + dy * dy + dz * dz)
    }
  }
  return sum + (pu * pu + pv * pv + pw * pw) / (2 * sun)
}
