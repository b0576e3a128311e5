"""What the page says, in English and in Chinese; `demo/language.py` finds it."""

WORDS = {
    "title": (
        "# SRCNN\nThe three convolutions that started deep super-resolution "
        "([Dong et al., 2014](https://arxiv.org/abs/1501.00092)). Drag the handles to see what they add to bicubic "
        "interpolation.",
        "# SRCNN\n开启深度学习超分辨率的三层卷积网络（[Dong 等，2014](https://arxiv.org/abs/1501.00092)）。"
        "拖动滑块，看看它比双三次插值多还原了什么。",
    ),
    # key: English, Chinese
    "kept": (
        "Pictures that you send and their results are seen by nobody else and deleted after an hour.",
        "您上传的图片及其结果不会展示给他人，并在一小时后删除。",
    ),
    "compare": ("Compare", "对比"),
    "enlarge": ("Enlarge", "放大"),
    "models": ("Models", "模型"),
    "learn": ("Learn", "原理"),
    # what the tabs share
    "truth": ("Ground truth", "原图"),
    "examples": ("Example photographs", "示例照片"),
    "scale": ("Scale", "放大倍数"),
    "loss": ("Trained with the loss", "训练所用的损失函数"),
    "network": ("Network", "网络"),
    "network_info": (
        "Sizes of the three layers' kernels: 9-1-5 is the article's, 9-5-5 seven times as large.",
        "三层卷积核的大小：9-1-5 为原文的网络，9-5-5 的参数约为其七倍。",
    ),
    "ensemble": ("Self-ensemble: slower, better", "自集成：更慢，效果更好"),
    "no_picture": (
        "There is no picture yet: upload one or choose an example.",
        "还没有图片：请上传一张，或选择一个示例。",
    ),
    "not_sent": ("There is no such upload here; upload the picture itself.", "这里没有这个上传文件；请上传图片本身。"),
    "disk": (
        "The server cannot store files now, its disk may be full; try again later.",
        "服务器现在无法保存文件，磁盘可能已满；请稍后再试。",
    ),
    "fell_back": (
        "The GPU failed: this was computed on the CPU.",
        "GPU 出现故障：此结果由 CPU 计算。",
    ),
    "bicubic": ("Bicubic", "双三次插值"),
    "bundled": ("bundled", "内置"),
    "low_resolution": ("Low resolution", "低分辨率"),
    "cancel": ("Cancel", "取消"),
    "cancelled": ("Cancelled.", "已取消。"),
    # Compare
    "copy_link": ("Copy a link to these settings", "复制当前设置的链接"),
    "link_copied": ("The link is copied.", "链接已复制。"),
    "bicubic_srcnn": ("Bicubic | SRCNN", "双三次插值 | SRCNN"),
    "srcnn_truth": ("SRCNN | Ground truth", "SRCNN | 原图"),
    "scores": ("Scores", "指标"),
    "against_truth": ("Against the ground truth", "与原图相比"),
    "gain": ("Gain", "提升"),
    "made_by": (
        "{model}. {width} × {height} pixels in {seconds:.2f} s on {device}.",
        "{model}。{width} × {height} 像素，用时 {seconds:.2f} 秒，设备：{device}。",
    ),
    "protocol": ("How it is measured", "测量方法"),
    "protocol_text": (
        "The photograph is the ground truth. It is cut to a multiple of the scale, reduced by MATLAB's bicubic "
        "`imresize`, enlarged again by bicubic and by SRCNN, and both results are measured against it.\n\n"
        "PSNR and SSIM are those of the papers: luminance only (BT.601, 16 to 235, rounded), a border as wide as the "
        "scale left out, SSIM with a Gaussian window of 11 × 11. The colours are bicubic in both results. With this "
        "protocol the weights that the SRCNN authors released give the figures of their papers.",
        "照片本身就是原图（真值）：先裁剪到放大倍数的整数倍，用 MATLAB 的双三次 `imresize` 缩小，"
        "再分别用双三次插值和 SRCNN 放大，两个结果都与原图比较。\n\n"
        "PSNR 和 SSIM 按论文的方法计算：只用亮度（BT.601，16–235，取整），四周去掉与倍数同宽的边框，"
        "SSIM 使用 11 × 11 高斯窗。两个结果的色度都是双三次插值。按这一方法，SRCNN 作者发布的权重给出论文中的数值。",
    ),
    "detail_text": (
        "## A closer look\nDrag the square on the picture to where you want to look; pixels are magnified as they are.",
        "## 细看局部\n把图上的方框拖到想看的位置。像素按原样放大，不做平滑。",
    ),
    "detail_choose": ("Where to look", "查看位置"),
    "detail_square": ("The detail: move it with the arrow keys", "局部位置：可用方向键移动"),
    "detail_side": ("Size of the detail, pixels", "局部大小（像素）"),
    "error_maps": ("Where they are wrong: error maps", "误差在哪里：误差图"),
    "errors_text": (
        "How far the luminance is from the truth, in one scale of colours for both: black is no error.",
        "亮度与原图的差距，两幅图使用同一色标：黑色表示没有误差。",
    ),
    "errors_slider": ("Error of bicubic | Error of SRCNN", "双三次插值的误差 | SRCNN 的误差"),
    "losses_text": (
        "## All losses at once\nThe same picture by the network trained with each loss: what one gains in PSNR, and "
        "what one pays for sharpness.",
        "## 同时比较所有损失函数\n同一张图片，由用不同损失函数训练的网络放大：看看 PSNR 的得失，以及锐利的代价。",
    ),
    "losses_start": ("Compare all losses", "比较所有损失函数"),
    "losses_plot": ("PSNR of each loss against how alike the pictures look", "各损失函数的 PSNR 与视觉相似度"),
    "loss_column": ("Trained with", "训练所用的损失"),
    "distance_column": ("Perceptual distance", "感知距离"),
    # Models
    "models_hint": (
        "Each variant is a network of its own, trained for one scale with one loss; the app runs exactly these "
        "weights. PSNR (dB) and SSIM are those of its model card: luminance, the mean over a test set. Click a "
        "column's head to sort.",
        "每个模型都是独立的网络，针对一个放大倍数、用一种损失函数训练；本应用运行的正是这些权重。"
        "PSNR（dB）和 SSIM 取自各模型卡：只计亮度，为测试集上的平均值。点击表头可排序。",
    ),
    "models_table": ("The variants and their figures", "各模型及其指标"),
    "models_variant": ("Variant", "模型"),
    "models_network": ("Network", "网络"),
    "models_scale": ("Scale", "倍数"),
    "models_loss": ("Loss", "损失函数"),
    "models_parameters": ("Parameters", "参数量"),
    "models_size": ("KB", "大小 (KB)"),
    "models_from": ("From", "来源"),
    "models_origin": ("{repository} at {commit}", "{repository}，提交 {commit}"),
    "models_authors": ("Authors, {pictures}", "原作者，{pictures}"),
    "models_authors_page": ("their page", "原作者主页"),
    "models_refresh": ("Check the Hub for newer variants", "检查 Hub 上是否有更新"),
    "models_gain_text": (
        "## Gain over bicubic\nPSNR above that of bicubic interpolation, in dB. Grey: the weights that the authors of "
        "SRCNN released.",
        "## 相对双三次插值的提升\nPSNR 比双三次插值高出多少 dB。灰色：SRCNN 作者发布的权重。",
    ),
    "models_test": ("Test set", "测试集"),
    "models_gain_alt": (
        "PSNR gain over bicubic on {test} at x{scale}; the largest: {best}",
        "{test} 上 x{scale} 相对双三次插值的 PSNR 提升；最大：{best}",
    ),
    "models_one": ("One variant", "单个模型"),
    "models_one_text": (
        "## One variant\nThe code runs in the project's folder with its `requirements.txt` installed.",
        "## 单个模型\n代码在项目目录下运行，需先安装 `requirements.txt` 中的依赖。",
    ),
    "models_shell": ("Command line", "命令行"),
    "models_download": ("Download the weights", "下载权重"),
    "models_curves": ("How the training went", "训练过程"),
    "models_no_curves": ("The weights do not say how their training went.", "权重文件中没有训练过程的记录。"),
    "models_crops": ("What it does to a detail", "对一处局部的效果"),
    # Enlarge
    "pictures": ("Pictures", "图片"),
    "common.upload": ("Add files", "添加文件"),  # of Gradio's file list, which has no text for it
    "which": ("Picture on the slider", "滑块中显示的图片"),
    "note": ("Note", "说明"),
    "enlarge_hint": (
        "Choose one or several pictures and press Enlarge, or try an example. The download is a PNG that keeps "
        "transparency, 16-bit grey, colour profile and EXIF.",
        "选择一张或多张图片，然后点击“放大”；也可以试试示例。"
        "下载得到的 PNG 保留透明度、16 位灰度、色彩配置文件和 EXIF。",
    ),
    "enlarging": ("Picture {number} of {total}", "第 {number} 张，共 {total} 张"),
    "became": ("{sizes} pixels.", "{sizes} 像素。"),
    "all_became": ("{n} pictures are enlarged.", "已放大 {n} 张图片。"),
    "middle": (
        "The slider shows the middle {side} pixels, the download is the whole picture.",
        "滑块只显示中间 {side} 像素，下载的是完整图片。",
    ),
    "too_many": (
        "These are {n} pictures, the limit here is {limit} at once; remove some of them.",
        "这里有 {n} 张图片，一次最多 {limit} 张；请移除一些。",
    ),
    "download_png": ("Download PNG", "下载 PNG"),
    "download_zip": ("Download ZIP", "下载 ZIP"),
    # Learn
    "astronaut": ("Astronaut", "宇航员"),
    "chelsea": ("Cat", "猫"),
    "coffee": ("Coffee", "咖啡"),
    "rocket": ("Rocket", "火箭"),
    "camera": ("Cameraman", "摄影师"),
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
    "learn_after": (
        "## Why VDSR and EDSR followed\n"
        "- **SRCNN** sees 13 × 13 pixels through three layers, works at the enlarged size, so that the work grows with "
        "the square of the scale, and stays blurred at high factors.\n"
        "- **[VDSR](https://arxiv.org/abs/1511.04587)** (Kim et al., 2016) sees 41 × 41 pixels through 20 layers, and "
        "one network serves all scales; learning only the difference to the bicubic picture, the global residual, made "
        "that depth trainable.\n"
        "- **[EDSR](https://arxiv.org/abs/1707.02921)** (Lim et al., 2017) stacks residual blocks, works at the "
        "low-resolution size, and enlarges only at the end, by pixel shuffle: far more layers for the same work.",
        "## 为什么会有 VDSR 和 EDSR\n"
        "- **SRCNN** 的三层只看得到 13 × 13 个像素；它在放大后的尺寸上计算，计算量随倍数的平方增长；"
        "高倍数时依然模糊。\n"
        "- **[VDSR](https://arxiv.org/abs/1511.04587)**（Kim 等，2016）用 20 层看到 41 × 41 个像素，"
        "一个网络适用于所有倍数；它只学习与双三次插值结果之差，即全局残差，这么深的网络才得以训练。\n"
        "- **[EDSR](https://arxiv.org/abs/1707.02921)**（Lim 等，2017）堆叠残差块，在低分辨率尺寸上计算，"
        "最后才用像素重排（pixel shuffle）放大：同样的计算量可以用上多得多的层。",
    ),
}
# Sentences of the library about what a visitor sent, as patterns of their English, and in Chinese.
ERRORS = {
    r"There is no picture yet.*": "还没有图片：请上传一张，或选择一个示例。",
    r"This file is not a picture in a known format.*": "无法识别这个文件的图片格式；请使用 PNG、JPEG 或 WebP。",
    r"This picture file is damaged or cut off.*": "这个图片文件已损坏或不完整；请重新保存，或换一张。",
    r"This picture is too small for x(\d+): it has (\S+) pixels, each side needs at least (\d+)\.": (
        "这张图片太小，无法用于 x{}：它有 {} 像素，每边至少需要 {} 像素。"
    ),
    r"This picture has (\S+) megapixels, the limit here is ([\d.]+);.*": (
        "这张图片有 {} 百万像素，这里的上限是 {}；请使用较小的图片，或只取一部分。"
    ),
    r"Pictures of (?:floating-point|32-bit) numbers are not supported.*": (
        "不支持浮点或 32 位的图片；请存为每通道 8 位或 16 位。"
    ),
    r"This takes longer than the (\d+) seconds.*": ("这项任务超过了这里允许的 {} 秒；请使用较小的图片，或关闭自集成。"),
    r"There is no file .*": "这个文件已不在服务器上；请重新上传。",
    r"There is no variant (\S+) here.*": "这里没有模型 {}；请选择其他损失函数、网络或倍数。",
}
