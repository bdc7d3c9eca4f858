---
title: my space
---
