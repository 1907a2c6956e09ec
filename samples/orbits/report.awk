# What orbits.awk says and writes: progress, samples, the last state, and how far that is from the published positions.

function startSamples(file) {
  print "julian_day,planet,x_au,y_au,z_au" > file
}

function sample(file, day,    i) {
  for (i = 1; i <= planets; i++) {
    printf "%.3f,%s,%.8f,%.8f,%.8f\n", day, name[i], x[i], y[i], z[i] > file
  }
}

function report(percent, years,    message, progress) {
  message = sprintf("year %g of %g", years * percent / 100, years)
  if (percent % 5 == 0) {
    printf "%s: the energy is off by %.1e of itself\n", message, energy() / energyAtStart - 1
    fflush()
  }
  progress = ENVIRON["DROVER_PROGRESS"]
  if (progress != "") {
    printf "{\"fraction\":%.2f,\"message\":\"%s\"}\n", percent / 100, message >> progress
    close(progress)
  }
}

function writeState(file,    i) {
  print "# Heliocentric rectangular coordinates on the dynamical ecliptic and equinox of J2000," > file
  print "# positions in au, velocities in au per day. The epoch is a Julian day." > file
  printf "epoch %.3f\n", epoch > file
  print "# planet, x, y, z, x', y', z'" > file
  for (i = 1; i <= planets; i++) {
    printf "%-11s %14.10f %14.10f %14.10f %14.10f %14.10f %14.10f\n",
      name[i], x[i], y[i], z[i], u[i], v[i], w[i] > file
  }
  close(file)
}

# The exit code: 0 if every planet is as close to where it was published to be as the tolerance says.
function compare(file,    line, part, number, i, day, tolerance, published, agreeing) {
  for (i = 1; i <= planets; i++) {
    number[name[i]] = i
  }
  while ((getline line < file) > 0) {
    if (line ~ /^[ \t]*(#|$)/) {
      continue
    }
    split(line, part)
    if (part[1] == "epoch") {
      day = part[2]
      if (day - epoch > 0.01 || epoch - day > 0.01) {
        printf "No positions are published for the Julian day %.2f, so nothing is compared.\n", epoch
        return 0
      }
      print "planet       arcseconds off    au off"
    } else if (part[1] == "tolerance") {
      tolerance = part[2]
    } else {
      published++
      if (!(part[1] in number)) {
        printf "%-12s is missing\n", part[1]
      } else if (difference(number[part[1]], part[2], part[3], part[4]) <= tolerance) {
        agreeing++
      }
    }
  }
  close(file)
  if (!published || !tolerance) {
    refuse(file " lacks the positions or the tolerance")
  }
  printf "%d of %d planets are within %g arcseconds of their published positions.\n", agreeing, published, tolerance
  return agreeing < published ? 1 : 0
}

# Prints how far planet i is from x1, y1, z1, and returns the angle between the two in arcseconds, seen from the Sun.
function difference(i, x1, y1, z1,    cx, cy, cz, arcseconds, au) {
  cx = y[i] * z1 - z[i] * y1; cy = z[i] * x1 - x[i] * z1; cz = x[i] * y1 - y[i] * x1
  arcseconds = atan2(sqrt(cx * cx + cy * cy + cz * cz), x[i] * x1 + y[i] * y1 + z[i] * z1) * 648000 / atan2(0, -1)
  au = sqrt((x[i] - x1) * (x[i] - x1) + (y[i] - y1) * (y[i] - y1) + (z[i] - z1) * (z[i] - z1))
  printf "%-12s %14.1f %9.6f\n", name[i], arcseconds, au
  return arcseconds
}

# For input that is wrong: says so in one sentence, and ends with the exit code 2.
function refuse(sentence) {
  print "orbits: " sentence "." | "cat >&2"
  close("cat >&2")
  refused = 1
  exit 2
}
