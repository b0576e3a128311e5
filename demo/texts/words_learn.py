"""What the Learn tab says, in English and in Chinese."""

LEARN = {
    # key: English, Chinese
    "astronaut": ("Astronaut", "宇航员"),
    "chelsea": ("Cat", "猫"),
    "coffee": ("Coffee", "咖啡"),
    "rocket": ("Rocket", "火箭"),
    "camera": ("Cameraman", "摄影师"),
    "learn_sections": (
        "[Three layers](#learn-steps) · [What each loss optimises](#learn-losses) · [Where it ends](#learn-limits) · "
        "[Why VDSR and EDSR followed](#learn-after)",
        "[三层网络](#learn-steps) · [每种损失函数在优化什么](#learn-losses) · [方法的局限](#learn-limits) · "
        "[为什么会有 VDSR 和 EDSR](#learn-after)",
    ),
    "learn_steps": (
        "## Three layers\nSRCNN is three convolutions and nothing else. A picture is first enlarged by bicubic "
        "interpolation; the network then repairs its luminance. All pictures here are computed from the weights that "
        "this app runs. Above: what each layer has learned. Below: what it makes of a detail.",
        "## 三层网络\nSRCNN 只有三层卷积。图片先用双三次插值放大，再由网络修复它的亮度。"
        "这里的图都由本应用正在使用的权重实时算出：上排是每一层学到的权重，下排是它对一处局部的处理结果。",
    ),
    "learn_step_1": ("1. Patch extraction: 9 × 9, 64 filters", "1. 图像块提取：9 × 9，64 个滤波器"),
    "learn_step_1_text": (
        "Each filter looks for one pattern around every pixel: an edge, a line, a spot.",
        "每个滤波器在每个像素周围寻找一种模式：边缘、线条或斑点。",
    ),
    "learn_step_2": ("2. Non-linear mapping: 1 × 1, 64 → 32", "2. 非线性映射：1 × 1，64 → 32"),
    "learn_step_2_text": (
        "At every pixel the 64 answers become 32 that describe a sharp patch.",
        "在每个像素处，把 64 个响应映射成 32 个描述清晰图像块的特征。",
    ),
    "learn_step_3": ("3. Reconstruction: 5 × 5, 32 → 1", "3. 重建：5 × 5，32 → 1"),
    "learn_step_3_text": (
        "The patches are laid over each other, weighted and added up to the luminance.",
        "把相互重叠的图像块加权求和，得到输出的亮度。",
    ),
    "learn_filters": ("The filters as learned: red adds, blue subtracts", "学到的滤波器：红色为正，蓝色为负"),
    "learn_acting": (
        "The part of them that acts: enlarged pictures hold nothing finer",
        "其中真正起作用的部分：放大后的图片没有更细的内容",
    ),
    "learn_mapping": (
        "The weights: a row for each of the 32 maps, a column for each of the 64 filters",
        "权重矩阵：行对应 32 个特征图，列对应 64 个滤波器",
    ),
    "learn_kernels": ("The 32 kernels that add up the result, the largest first", "合成结果的 32 个卷积核，按大小排列"),
    "learn_first": (
        "The 64 feature maps, each in the place of its filter: white where it answers, black where it finds nothing",
        "64 个特征图，位置与滤波器一一对应：白色表示有响应，黑色表示没有",
    ),
    "learn_second": (
        "The 32 feature maps after the second layer, the most varied first: a few carry the picture, the others "
        "correct it along edges and lines",
        "第二层之后的 32 个特征图，按变化程度排列：少数几个承载画面，其余的沿边缘和线条作修正",
    ),
    "learn_losses": (
        "## What each loss optimises\nAt a high factor many details would fit one low-resolution picture. The loss "
        "decides which of them the network draws.",
        "## 每种损失函数在优化什么\n倍数较高时，许多不同的细节都能对应同一张低分辨率图片。画出哪一种，由损失函数决定。",
    ),
    "learn_minimises": ("Minimises", "最小化"),
    "learn_favours": ("Favours", "偏好"),
    "learn_result": ("PSNR and look", "PSNR 与观感"),
    "learn_mse_favours": ("The mean of all details that would fit", "所有可能细节的均值"),
    "learn_mse_result": (
        "Made for PSNR, which is this error in decibels; textures turn soft.",
        "专为 PSNR 而优化，PSNR 就是这一误差的分贝值；纹理偏软。",
    ),
    "learn_l1_favours": ("Their median: large errors count less", "它们的中位数：较大的误差影响较小"),
    "learn_l1_result": (
        "PSNR nearly that of MSE; looks the same.",
        "PSNR 与 MSE 几乎相同；观感也一样。",
    ),
    "learn_charbonnier_favours": ("The same, but smooth near zero error", "同 L1，但在误差接近零处是平滑的"),
    "learn_charbonnier_result": (
        "As L1; three layers are too few for a difference.",
        "与 L1 相当；只有三层的网络看不出差别。",
    ),
    "learn_perceptual_favours": (
        "Edges as sharp as in a photograph, even where their place is a guess",
        "像照片一样锐利的边缘，哪怕位置只是猜测",
    ),
    "learn_perceptual_result": (
        "Lower PSNR by design; looks sharper and closer to the truth.",
        "PSNR 必然较低；看起来更锐利，也更接近原图。",
    ),
    "learn_adversarial_favours": (
        "What a second network takes for a photograph",
        "能让另一个网络误认为是照片的结果",
    ),
    "learn_adversarial_result": (
        "The lowest PSNR and the sharpest look; details may be invented.",
        "PSNR 最低，观感最锐利；细节可能是编造的。",
    ),
    "learn_symbols": (
        "F: the result; X: the truth; φ: what VGG-19, trained on ImageNet, sees; D: how real a second network takes "
        "the result to be; ε = 0.001; λ and μ: small weights. The figures below the pictures are the PSNR of the "
        "detail.",
        "F：结果；X：原图；φ：在 ImageNet 上训练的 VGG-19 提取的特征；D：另一个网络判断结果为真实照片的程度；"
        "ε = 0.001；λ、μ：较小的权重。图下的数值是该局部的 PSNR。",
    ),
    "learn_limits": (
        "## Where it ends\nWhat the reduced picture no longer holds, three layers cannot bring back. Beside what is "
        "shown here: each scale needs a network of its own, and pictures that are noisy, compressed or blurred in "
        "another way than by bicubic reduction gain little.",
        "## 方法的局限\n缩小后已经丢失的内容，三层网络无法找回。除下面展示的之外：每个倍数都需要单独训练一个网络；"
        "有噪声、经过压缩，或不是由双三次缩小造成模糊的图片，改善很小。",
    ),
    "learn_grain": ("Wood grain", "木纹"),
    "learn_text": ("Small print", "小字"),
    "learn_face": ("A face", "人脸"),
    "learn_surroundings": ("Fur beside a cat's eye", "猫眼旁的毛"),
    "learn_limit_scale": (
        "<b>High factors stay blurred.</b> At x2 the grain of the wood comes back, at x3 some of it; at x4 it is finer "
        "than the pixels and lost, and the network can only sharpen the few lines that are left.",
        "<b>高倍数依然模糊。</b>x2 时木纹得以恢复，x3 时只剩一部分；x4 时木纹比低分辨率像素还细，已经丢失，"
        "网络只能锐化仅存的几条线。",
    ),
    "learn_limit_text": (
        "<b>It cannot read.</b> Strokes thinner than a low-resolution pixel run into each other; the smears get sharp "
        "edges, but no letters.",
        "<b>它不识字。</b>比低分辨率像素还细的笔画糊成一团；网络让糊块的边缘变锐利，却变不回文字。",
    ),
    "learn_limit_face": (
        "<b>It knows no faces.</b> Outlines become crisp; eyes and teeth, a few pixels each, stay smudges, because "
        "nothing tells the network what a face has there.",
        "<b>它不认识人脸。</b>轮廓变得清晰；但眼睛和牙齿只有几个像素，仍是模糊的一团，因为网络并不知道人脸该是什么样。",
    ),
    "learn_limit_surroundings": (
        "<b>It sees {field} × {field} pixels.</b> The white pixel depends on the frame only: at x{scale}, "
        "{low} × {low} pixels of the low resolution. That the hairs go on outside does not help.",
        "<b>它只看得到 {field} × {field} 个像素。</b>白点处的输出只取决于方框之内：x{scale} 时仅相当于 {low} × {low} "
        "个低分辨率像素。毛发在框外如何延续，对它没有帮助。",
    ),
    "learn_after": ("## Why VDSR and EDSR followed", "## 为什么会有 VDSR 和 EDSR"),
    "learn_papers": (
        "- **SRCNN** sees 13 × 13 pixels through three layers, works at the enlarged size, so that the work grows with "
        "the square of the scale, and stays blurred at high factors.\n"
        "- **[VDSR](https://arxiv.org/abs/1511.04587)** (Kim et al., 2016) sees 41 × 41 pixels through 20 layers, and "
        "one network serves all scales; learning only the difference to the bicubic picture, the global residual, made "
        "that depth trainable.\n"
        "- **[EDSR](https://arxiv.org/abs/1707.02921)** (Lim et al., 2017) stacks residual blocks, works at the "
        "low-resolution size, and enlarges only at the end, by pixel shuffle: far more layers for the same work.",
        "- **SRCNN** 的三层只看得到 13 × 13 个像素；它在放大后的尺寸上计算，计算量随倍数的平方增长；"
        "高倍数时依然模糊。\n"
        "- **[VDSR](https://arxiv.org/abs/1511.04587)**（Kim 等，2016）用 20 层看到 41 × 41 个像素，"
        "一个网络适用于所有倍数；它只学习与双三次插值结果之差，即全局残差，这么深的网络才得以训练。\n"
        "- **[EDSR](https://arxiv.org/abs/1707.02921)**（Lim 等，2017）堆叠残差块，在低分辨率尺寸上计算，"
        "最后才用像素重排（pixel shuffle）放大：同样的计算量可以用上多得多的层。",
    ),
    "learn_succession": (
        "The same detail at x{scale} by each network; below, the limits of SRCNN that each removed.",
        "同一处局部，x{scale}，由各个网络放大；下表说明它们各自突破了 SRCNN 的哪些局限。",
    ),
    "learn_followed": ("The rim of a saucer", "碟子的边缘"),
    "learn_removes": ("Limits that it removed", "突破的局限"),
    "learn_layers": ("Layers", "层数"),
    "learn_sees": ("Sees, pixels", "可见范围（像素）"),
    "learn_work": ("Multiply-adds per pixel", "每像素乘加次数"),
    "learn_srcnn_removes": (
        "None yet: a few layers repair the picture that bicubic interpolation has enlarged, and each scale has a "
        "network of its own.",
        "尚无：只有几层，修复的是双三次插值放大后的图片；每个倍数都要单独的网络。",
    ),
    "learn_vdsr_removes": (
        "<b>Depth.</b> Many layers of small kernels see further. They became trainable because they learn only the "
        "difference to the bicubic picture.",
        "<b>深度。</b>许多层小卷积核看得更远；因为只学习与双三次插值结果之差，这么深的网络才得以训练。",
    ),
    "learn_vdsr_scales": (
        "<b>One network a scale.</b> The same weights serve {scales}.",
        "<b>每个倍数一个网络。</b>同一组权重适用于 {scales}。",
    ),
    "learn_edsr_removes": (
        "<b>Work at the enlarged size.</b> Its residual blocks see the low-resolution picture, and only the last "
        "layers enlarge it, by pixel shuffle: the same work pays for far more layers.",
        "<b>在放大后的尺寸上计算。</b>残差块处理的是低分辨率图片，最后几层才用像素重排（pixel shuffle）放大："
        "同样的计算量可以用上多得多的层。",
    ),
    "learn_reduced": (
        "Reduced: {names}. Fewer layers or feature maps than in the paper, because the training was done on a CPU.",
        "缩小的网络：{names}。层数或特征图比论文中的少，因为是用 CPU 训练的。",
    ),
}
